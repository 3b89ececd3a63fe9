// Copies the value of another field: <button data-copy="its-id" data-copied="Copied" hidden>
export function bind(buttons) {
  if (!navigator.clipboard) return;
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const word = button.querySelector("span") ?? button;
      const before = word.textContent;
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      word.textContent = button.dataset.copied;
      setTimeout(() => { word.textContent = before; }, 2000);
    });
  }
}
