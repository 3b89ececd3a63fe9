// Exchanges an element for its newer self while a job runs: <div id="import" data-poll="/imports/7" data-poll-every="2">
const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); });

async function newer(element) {
  const answer = await fetch(element.dataset.poll, { headers: { Accept: "text/html" } });
  if (!answer.ok) return element;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById(element.id);
}

async function follow(element) {
  let now = element;
  while (now?.dataset.poll !== undefined) {
    await pause(Number(now.dataset.pollEvery) || 2);
    if (document.hidden) continue;
    const next = await newer(now).catch(() => now);
    if (!next || next.dataset.poll === undefined) return location.reload();
    if (next !== now) now.replaceWith(next);
    now = next;
  }
  return undefined;
}

export function bind(elements) {
  elements.forEach(follow);
}
