// Completes a placeholder while it is typed: <textarea data-braces="company product subject">.
// "{" opens the list; arrows choose, Enter or Tab takes, Escape closes. The field stays an ordinary one.
const OPEN = /\{([a-z_]*)$/;

function typed(field) {
  return OPEN.exec(field.value.slice(0, field.selectionStart));
}

function insert(field, word) {
  const found = typed(field);
  const rest = field.value.slice(field.selectionStart).replace(/^\}/, "");
  const start = field.value.slice(0, found.index);
  field.value = `${start}{${word}}${rest}`;
  field.selectionStart = field.selectionEnd = start.length + word.length + 2;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function list(field) {
  const made = document.createElement("ul");
  Object.assign(made, { className: "braces", hidden: true, id: `${field.id}-braces` });
  made.setAttribute("role", "listbox");
  field.after(made);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", made.id);
  return made;
}

function follow(field) {
  const shown = list(field);
  const words = field.dataset.braces.split(" ");
  let at = 0;
  const close = () => { shown.hidden = true; field.removeAttribute("aria-activedescendant"); };
  const mark = () => {
    [...shown.children].forEach((each, place) => each.setAttribute("aria-selected", place === at));
    field.setAttribute("aria-activedescendant", shown.children[at].id);
  };
  const open = () => {
    const found = typed(field);
    const fitting = found ? words.filter((word) => word.startsWith(found[1])) : [];
    if (!fitting.length) return close();
    shown.replaceChildren(...fitting.map((word) => {
      const line = Object.assign(document.createElement("li"), { className: "braces__word", textContent: `{${word}}`, id: `${field.id}-${word}` });
      line.setAttribute("role", "option");
      line.dataset.word = word;
      return line;
    }));
    shown.hidden = false;
    at = 0;
    mark();
  };
  const take = () => { insert(field, shown.children[at].dataset.word); close(); };
  const keys = {
    ArrowDown: () => { at = (at + 1) % shown.children.length; mark(); },
    ArrowUp: () => { at = (at + shown.children.length - 1) % shown.children.length; mark(); },
    Enter: take,
    Tab: take,
    Escape: close,
  };
  field.addEventListener("input", open);
  field.addEventListener("blur", () => setTimeout(close, 150));
  field.addEventListener("keydown", (event) => {
    if (shown.hidden || !keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  shown.addEventListener("mousedown", (event) => {
    const line = event.target.closest("[data-word]");
    if (!line) return;
    event.preventDefault();
    at = [...shown.children].indexOf(line);
    take();
  });
}

export function bind(fields) {
  for (const field of fields) if (field.dataset.braces) follow(field);
}
