// What a kiosk on this very device could not hand in, for staff who are logged in on it: <div data-tablet="7" hidden> with
// names of fields as data-score, a title for one and for many, a <textarea> for the words, and a button that takes away what will never be taken.
const version = new URL(import.meta.url).search;
const OURS = ["nonce", "shown_in", "client_id", "made_at", "visit"];

function inWords({ body }, names) {
  const fields = new URLSearchParams(body);
  const said = [...fields].filter(([name, text]) => text && !OURS.includes(name));
  const lines = said.map(([name, text]) => (name === "comment" ? text : `${names[name] ?? name} ${text}`));
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const when = new Date(fields.get("made_at")).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  return [when, ...lines].join("\n");
}

async function show(box) {
  const { kept, stored } = await import(`./kiosk-shelf.js${version}`);
  const answers = await kept(box.dataset.tablet);
  const refused = answers.filter((each) => each.said === "refused");
  const [title, words, button] = ["[data-title]", "textarea", "button"].map((each) => box.querySelector(each));
  box.hidden = !answers.length;
  title.textContent = (answers.length === 1 ? title.dataset.one : title.dataset.many).replace("{n}", answers.length);
  words.value = answers.map((each) => inWords(each, box.dataset)).join("\n\n");
  button.hidden = !refused.length;
  button.onclick = async () => {
    if (!confirm(button.dataset.sure)) return;
    await stored("readwrite", (rows) => refused.map(({ number }) => rows.delete(number)).at(-1));
    show(box);
  };
}

export async function bind([box]) {
  const known = await indexedDB.databases?.() ?? [];
  if (known.some(({ name }) => name === "koe-kiosk")) show(box); // on any other device nothing is made
}
