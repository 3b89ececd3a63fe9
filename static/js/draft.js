// A long text outlives an ended log-in or a busy database: <textarea data-draft="whose" data-draft-words="This is what …">
// It is kept in this tab until a page of the frame comes after it was sent; one that brings the same words back did not
// save them. Log-in and error pages stand outside the frame.
const PREFIX = "draft ";
const SENT = "drafts sent";

const keyOf = (field) => `${PREFIX}${field.dataset.draft} ${new URL(field.form.action).pathname} ${field.name}`;
const sent = () => JSON.parse(sessionStorage.getItem(SENT) ?? "[]");
const kept = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));

function settle(fields) {
  const shown = new Map(fields.map((field) => [keyOf(field), field.value.trim()]));
  for (const key of document.querySelector(".frame") ? sent() : []) {
    if (shown.get(key) !== sessionStorage.getItem(key)?.trim()) sessionStorage.removeItem(key);
  }
  sessionStorage.removeItem(SENT);
}

const keep = (field) => sessionStorage.setItem(keyOf(field), field.value);

function offer(field) {
  if (field.value !== field.defaultValue) return keep(field); // typed while this script was on its way
  const words = sessionStorage.getItem(keyOf(field));
  if (words === null || words.trim() === field.value.trim()) return;
  field.value = words;
  const note = Object.assign(document.createElement("p"), { className: "field__hint", textContent: field.dataset.draftWords });
  note.setAttribute("role", "status");
  field.before(note);
}

function follow(field) {
  field.addEventListener("input", () => keep(field));
  field.form.addEventListener("submit", () => {
    sessionStorage.setItem(SENT, JSON.stringify([...sent(), keyOf(field)]));
  });
}

export function bind() {
  const fields = [...document.querySelectorAll("[data-draft]")];
  settle(fields);
  fields.forEach(offer);
  fields.forEach(follow);
  document.querySelector('form[action$="/logout"]')?.addEventListener("submit", () => {
    for (const key of kept()) sessionStorage.removeItem(key);
  });
}
