// Messages can be closed; none goes away by itself: <div data-flash>
export function bind(messages) {
  for (const message of messages) {
    const close = message.querySelector("[data-flash-close]");
    close.hidden = false;
    close.addEventListener("click", () => {
      const list = message.parentElement;
      message.remove();
      if (!list.children.length) list.hidden = true;
      document.getElementById("main")?.focus({ preventScroll: true });
    });
  }
}
