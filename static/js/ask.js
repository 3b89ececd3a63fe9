// Puts a question before a form is sent: <form data-ask="Delete Aoi?" data-ask-yes="Delete user" data-ask-kind="danger">
const dialog = document.getElementById("ask");

function ask(form) {
  const yes = dialog.querySelector("[data-ask-confirm]");
  dialog.querySelector("[data-ask-words]").textContent = form.dataset.ask;
  yes.textContent = form.dataset.askYes || yes.textContent;
  yes.className = `button ${form.dataset.askKind === "danger" ? "button--fill-danger" : "button--primary"}`;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

export function bind(forms) {
  for (const form of forms) {
    form.addEventListener("submit", async (event) => {
      if (form.dataset.asked || !dialog?.showModal) return;
      event.preventDefault();
      const pressed = event.submitter;
      if (!(await ask(form))) return;
      form.dataset.asked = "yes";
      form.requestSubmit(pressed);
    });
  }
}
