// A list that is put in order by dragging: <ol data-order> of <li data-line>, in a form with a hidden field "order".
// The buttons "up" and "down" of each line do the same without a pointer and without script.
export function bind(lists) {
  for (const list of lists) {
    let dragged;
    for (const line of list.children) line.draggable = true;
    list.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("[data-line]");
      event.dataTransfer.effectAllowed = "move";
      dragged.classList.add("order__line--dragged");
    });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest("[data-line]");
      if (!dragged || !over) return;
      event.preventDefault();
      const { top, height } = over.getBoundingClientRect();
      if (over !== dragged) over[event.clientY < top + height / 2 ? "before" : "after"](dragged);
    });
    list.addEventListener("dragend", () => {
      dragged?.classList.remove("order__line--dragged");
      dragged = undefined;
      const keys = [...list.children].map((line) => line.dataset.line).join(" ");
      const form = list.closest("form");
      if (keys === list.dataset.first) return;
      form.elements.order.value = keys;
      form.submit();
    });
    list.dataset.first = [...list.children].map((line) => line.dataset.line).join(" ");
  }
}
