// The tablet on a counter. Every answer is on the device before anybody is thanked, and stays there until the server has
// it; the question comes back by itself, and nobody finds the words of whoever stood here before.
const SECONDS = 1000;
const THANKED = 8 * SECONDS;
const UNTOUCHED = 40 * SECONDS;
const WARNED = 20 * SECONDS;
const AGAIN = 20 * SECONDS;
const PATIENCE = 30 * SECONDS; // for a network that may only seem to be there
const SELDOM = 300 * SECONDS;
const STALE = 3600 * SECONDS;
const IN_A_ROW = 3; // so many that are not taken, and we wait: it is not these answers, it is the server or the link

const { kept, stored } = await import(`./kiosk-shelf.js${new URL(import.meta.url).search}`);
const page = document.querySelector("[data-kiosk]");
const { kiosk: link, home, worker } = page.dataset; // at an address that leads nowhere no link and no home
const form = page.querySelector("form");
const asking = page.querySelector("[data-asking]");
const thanks = page.querySelector("[data-thanks]");
const warning = page.querySelector("[data-warning]");
const again = document.querySelector("[data-again]");
const loadedAt = Date.now();

function newName() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function keep() {
  const fields = new URLSearchParams(new FormData(form));
  fields.set("client_id", newName());
  fields.set("made_at", new Date().toISOString());
  await stored("readwrite", (answers) => answers.add({ link, body: fields.toString() }));
}

// How many answers are still here, and why.
async function tell() {
  const now = link ? "waiting" : "moved";
  const reasons = (await kept(link)).map(({ said }) => (link || said === "refused" ? said || now : now));
  for (const line of document.querySelectorAll("[data-said]")) {
    const { length } = reasons.filter((reason) => reason === line.dataset.said);
    line.textContent = length ? (length === 1 ? line.dataset.one : line.dataset.many).replace("{n}", length) : "";
  }
  if (again) again.hidden = !reasons.some((reason) => reason !== "refused");
}

// What becomes of one answer. What a hotel's network says instead of us, or a page, is no word of ours: "".
async function handIn(answer) {
  const reply = await fetch(home, {
    method: "POST",
    body: answer.body,
    headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", Accept: "application/json" },
    credentials: "omit",
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const said = await reply.json().catch(() => ({}));
  return ["stored", "refused", "shut", "moved"].find((word) => said?.[word] === true) ?? "";
}

// In their order, but first what was tried least, so that nothing waits behind an answer that is not taken.
async function nextOf(tried) {
  const waiting = (await kept(link)).filter((answer) => answer.said !== "refused" && !tried.has(answer.number));
  return waiting.sort((one, other) => (one.tries ?? 0) - (other.tries ?? 0) || one.number - other.number)[0];
}

// Hands in all there is; whether something has to stay for now.
async function sendAll() {
  const tried = new Set();
  let held = 0;
  let isLeft = false;
  for (let answer = await nextOf(tried); answer && held < IN_A_ROW; answer = await nextOf(tried)) {
    const { number, tries = 0 } = answer;
    tried.add(number);
    const said = await handIn(answer);
    if (said === "stored") await stored("readwrite", (answers) => answers.delete(number));
    else await stored("readwrite", (answers) => answers.put({ ...answer, said, tries: tries + 1 }));
    held = said === "stored" || said === "refused" ? 0 : held + 1;
    isLeft ||= held > 0;
    await tell();
  }
  return isLeft;
}

let pause = AGAIN;
let notBefore = 0;

// One tab at a time; what is not taken is tried again, ever more seldom.
async function work() {
  try {
    pause = await sendAll() ? Math.min(2 * pause, SELDOM) : AGAIN;
  } catch {
    pause = AGAIN; // no network: it may be back at any moment
  }
  notBefore = Date.now() + pause - SECONDS; // the next round of the clock is never a moment too early
}

async function send() {
  if (home) await (navigator.locks ? navigator.locks.request("koe-kiosk", { ifAvailable: true }, (lock) => lock && work()) : work());
  await tell();
}

function fields() {
  return [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.tagName !== "BUTTON");
}

function clear() {
  for (const field of fields()) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
}

function isUntouched() {
  return thanks.hidden && !fields().some((field) => (/radio|checkbox/.test(field.type) ? field.checked : field.value));
}

let clock;

function begin() {
  clearTimeout(clock);
  clear();
  if (location.pathname + location.search !== home) {
    location.replace(home);
    return;
  }
  thanks.hidden = warning.hidden = true;
  asking.hidden = false;
  document.activeElement?.blur();
  scrollTo(0, 0);
}

function thank() {
  clearTimeout(clock);
  clear();
  warning.hidden = asking.hidden = true;
  thanks.hidden = false;
  thanks.querySelector("h1").focus();
  clock = setTimeout(begin, THANKED);
}

function warn() {
  warning.hidden = false;
  clock = setTimeout(begin, WARNED);
}

function touched() {
  if (!thanks?.hidden) return;
  clearTimeout(clock);
  warning.hidden = true;
  if (!isUntouched()) clock = setTimeout(warn, UNTOUCHED);
}

// In another language, with what was entered; only for this one step.
function speak(language) {
  sessionStorage.setItem("koe-kiosk", new URLSearchParams(new FormData(form)).toString());
  location.assign(`${home}?language=${language}`);
}

function bringAlong() {
  const entered = new URLSearchParams(sessionStorage.getItem("koe-kiosk") ?? "");
  sessionStorage.removeItem("koe-kiosk");
  for (const field of fields()) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = entered.getAll(field.name).includes(field.value);
    else field.value = entered.get(field.name) ?? "";
  }
}

let isKeeping = false;

async function submitted(event) {
  event.preventDefault();
  if (event.submitter?.name === "language") return speak(event.submitter.value);
  if (isKeeping) return undefined;
  isKeeping = true;
  try {
    await keep();
    thank();
    send(); // the next person waits for no network
  } catch {
    HTMLFormElement.prototype.submit.call(form); // the device keeps nothing: the server has to take it now
  } finally {
    isKeeping = false;
  }
  return undefined;
}

async function standAlone() {
  navigator.storage?.persist?.();
  await navigator.serviceWorker?.register(worker, { scope: home });
  const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=modulepreload], script[src]")].map((part) => part.href ?? part.src);
  const others = [...document.querySelectorAll("button[name=language]")].map((button) => `${home}?language=${button.value}`);
  const wanted = [home, ...others, ...parts].map((address) => new URL(address, location.href).href);
  const cache = await caches.open(`kiosk ${home}`);
  await cache.addAll(wanted);
  for (const kept of await cache.keys()) if (!wanted.includes(kept.url)) await cache.delete(kept);
  page.dataset.ready = "yes";
}

function wholeScreen(button) {
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => document.documentElement.requestFullscreen());
  document.addEventListener("fullscreenchange", () => { button.hidden = Boolean(document.fullscreenElement); });
}

if (form) {
  bringAlong();
  form.addEventListener("submit", submitted);
  thanks.querySelector("button").addEventListener("click", begin);
  warning.querySelector("button").addEventListener("click", touched);
  for (const kind of ["pointerdown", "keydown", "input"]) document.addEventListener(kind, touched);
  addEventListener("pageshow", (event) => event.persisted && begin());
  wholeScreen(document.querySelector("[data-whole-screen]"));
  touched();
  if (!location.search) standAlone().catch(() => {}); // without a network, or not on https: as long as the page stays open
}
// Newer words, a first or a last day: looked for while nobody is here, and only where the page cannot get lost by it.
function renew() {
  const isFree = !form || (isUntouched() && warning.hidden);
  if (home && isFree && Date.now() - loadedAt > STALE && navigator.onLine && navigator.serviceWorker?.controller) location.replace(home);
}

addEventListener("online", send);
again?.addEventListener("click", send);
setInterval(() => { if (Date.now() >= notBefore) send(); renew(); }, AGAIN);
send();
