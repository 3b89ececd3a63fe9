// Says how many people an audience has while it is being chosen: <form data-audience="/campaigns/audience">
const PAUSE = 250; // milliseconds of quiet before asking

function follow(form) {
  const size = form.querySelector("[data-audience-size]");
  if (!size) return;
  let timer;
  const ask = async () => {
    const chosen = new URLSearchParams(new FormData(form));
    chosen.delete("csrf_token");
    const answer = await fetch(`${form.dataset.audience}?${chosen}`, { headers: { Accept: "application/json" } });
    if (answer.ok) size.textContent = (await answer.json()).words;
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask().catch(() => {}), PAUSE);
  });
}

export function bind(forms) {
  forms.forEach(follow);
}
