// Opens the browser's print window: <button type="button" data-print hidden>
export function bind(buttons) {
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
