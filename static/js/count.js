// Keeps the "120 / 2000" beneath a textarea true: <textarea data-count="2000">
export function bind(fields) {
  for (const field of fields) {
    const output = document.querySelector(`[data-count-for="${field.id}"]`);
    const show = () => { output.textContent = `${[...field.value].length} / ${field.dataset.count}`; };
    field.addEventListener("input", show);
    show();
  }
}
