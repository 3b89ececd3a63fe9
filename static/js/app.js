// The first script of a staff page: it fetches the small modules that the page's data- attributes ask for.
// Every page works without it.
const modules = {
  "[data-ask]": "ask",
  "[data-audience]": "audience",
  "[data-braces]": "braces",
  "[data-copy]": "copy",
  "[data-count]": "count",
  html: "draft",
  "[data-filters]": "filters",
  "[data-flash]": "flash",
  "[data-focus]": "focus",
  "[data-keys-dialog]": "keys",
  "[data-mark]": "mark",
  "[data-menu]": "menu",
  "[data-order]": "order",
  "[data-poll]": "poll",
  "[data-preview]": "preview",
  "[data-print]": "print",
  "[data-tablet]": "tablet",
  "[data-tabs]": "tabs",
};

const version = new URL(import.meta.url).search;

for (const [selector, name] of Object.entries(modules)) {
  const found = document.querySelectorAll(selector);
  if (found.length) import(`./${name}.js${version}`).then((module) => module.bind(found));
}
