// One box that marks all boxes of its form: <form data-mark><label data-mark-all hidden><input type="checkbox"></label>…</form>
export function bind(forms) {
  for (const form of forms) {
    const all = form.querySelector("[data-mark-all]");
    const boxes = () => form.querySelectorAll("[name=ids]");
    all.hidden = false;
    all.querySelector("input").addEventListener("change", (event) => {
      for (const box of boxes()) box.checked = event.target.checked;
    });
  }
}
