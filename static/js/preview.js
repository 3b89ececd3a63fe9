// Shows what is being written: <form data-preview="ids of its buttons that send it into a frame">.
// Without script the buttons do it; here each is pressed a moment after the last key, and hidden.
const PAUSE = 600;

export function bind(forms) {
  for (const form of forms) {
    const buttons = form.dataset.preview.split(" ").map((id) => document.getElementById(id));
    for (const button of buttons) button.hidden = true;
    let waiting;
    const show = () => buttons.forEach((button, place) => {
      // One after the other: a second sending would stop the first.
      setTimeout(() => form.requestSubmit(button), place * 150);
    });
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, PAUSE);
    });
  }
}
