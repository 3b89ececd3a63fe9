// Keeps a kiosk's pages on the device: from the network while there is one, from the shelf while there is none.
// The page itself says what belongs on the shelf (kiosk.js); answers never pass through here.
const PATIENCE = 4000; // milliseconds for a network that may only seem to be there
const OVER = [404, 410]; // nobody takes answers here any more: none are asked for without a network either
const SHELF = `kiosk ${new URL(self.registration.scope).pathname}`;
const KEPT = /^\/(o\/[^/]+\/kiosk|static\/)/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function fresh(request) {
  const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status >= 500) throw new Error("busy");
  return answer;
}

async function pageOf(request) {
  try {
    const answer = await fresh(request);
    if (answer.ok) await (await caches.open(SHELF)).put(request.url, answer.clone());
    else if (OVER.includes(answer.status)) await caches.delete(SHELF);
    return answer;
  } catch {
    const kept = await caches.match(request.url) ?? await caches.match(request.url.split("?")[0]);
    return kept ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin || !KEPT.test(address.pathname)) return;
  if (request.mode === "navigate") event.respondWith(pageOf(request));
  else event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});
