// Keys for the hands that know them: `g q` follows data-key="g q", `/` goes to the search field, `j` and `k` walk the rows of a list,
// `?` lists what there is. <html data-keys="off"> switches all of it off.
const typing = "input, textarea, select, [contenteditable]";
const rowLinks = () => [...document.querySelectorAll(".table__link, [data-row], [data-rows] .quote__link")];
const search = () => document.querySelector("[data-search]");
let before = "";

function walk(step) {
  const links = rowLinks();
  const focused = links.indexOf(document.activeElement);
  const at = focused < 0 ? links.findIndex((link) => link.closest("[aria-current=true]")) : focused;
  links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

function bound(key) {
  return document.querySelector(`[data-key="${CSS.escape(key).replaceAll("\\ ", " ")}"]`);
}

function press(key, open) {
  const element = bound(`${before} ${key}`) ?? bound(key);
  before = "";
  if (element) return element.matches(typing) ? element.focus() : element.click();
  if (key === "/" && search()) return search().focus();
  if (key === "?") return open();
  if (key === "j") return walk(1);
  if (key === "k") return walk(-1);
  before = key;
  setTimeout(() => { before = ""; }, 1200);
  return undefined;
}

function line(list, keys, words) {
  const term = list.appendChild(document.createElement("dt"));
  for (const key of keys.split(" ")) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
  list.appendChild(document.createElement("dd")).textContent = words;
}

function fill(list) {
  list.replaceChildren();
  line(list, "?", list.dataset.wordKeys);
  if (search()) line(list, "/", list.dataset.wordSearch);
  if (rowLinks().length) {
    line(list, "j", list.dataset.wordDown);
    line(list, "k", list.dataset.wordUp);
    line(list, "Enter", list.dataset.wordOpen);
  }
  for (const element of document.querySelectorAll("[data-key]")) {
    line(list, element.dataset.key, element.dataset.keyName ?? element.querySelector(".rail__word")?.textContent ?? element.textContent.trim());
  }
}

export function bind([dialog]) {
  const open = () => {
    fill(dialog.querySelector("[data-keys-list]"));
    dialog.showModal();
  };
  for (const button of document.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", open);
  }
  if (document.documentElement.dataset.keys === "off") return;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.closest(typing)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (["/", "?", "j", "k"].includes(event.key) || bound(event.key)) event.preventDefault();
    if (event.key.length === 1) press(event.key, open);
  });
}
