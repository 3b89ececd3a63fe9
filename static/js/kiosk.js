// The tablet on a counter. Every answer is on the device before anybody is thanked, and stays there until the server has
// it; the question comes back by itself, and nobody finds the words of whoever stood here before.
const SECONDS = 1000;
const THANKED = 8 * SECONDS;
const UNTOUCHED = 40 * SECONDS;
const WARNED = 20 * SECONDS;
const AGAIN = 20 * SECONDS;
const STALE = 3600 * SECONDS;

const page = document.querySelector("[data-kiosk]");
const { kiosk: link, home, worker, one, many } = page.dataset;
const form = page.querySelector("form");
const asking = page.querySelector("[data-asking]");
const thanks = page.querySelector("[data-thanks]");
const warning = page.querySelector("[data-warning]");
const status = document.querySelector("[data-waiting]");
const loadedAt = Date.now();
const shelf = await open();

function open() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open("koe-kiosk", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "number", autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

// One transaction, on the disk when the promise is kept.
function stored(mode, work) {
  return new Promise((done, fail) => {
    const transaction = shelf.transaction("answers", mode, { durability: "strict" });
    const asked = work(transaction.objectStore("answers"));
    transaction.oncomplete = () => done(asked.result);
    transaction.onerror = () => fail(transaction.error);
    transaction.onabort = () => fail(transaction.error);
  });
}

async function waiting() {
  const all = await stored("readonly", (answers) => answers.getAll());
  return all.filter((answer) => answer.link === link && !answer.refused);
}

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

async function tell() {
  const { length } = await waiting();
  status.textContent = length ? (length === 1 ? one : many).replace("{n}", length) : "";
}

// In their order, one after the other; what the server never takes is kept aside, so that nothing waits behind it.
async function sendAll() {
  for (let [answer] = await waiting(); answer; [answer] = await waiting()) {
    const reply = await fetch(home, {
      method: "POST",
      body: answer.body,
      headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" },
      credentials: "omit",
      redirect: "error",
    });
    const said = await reply.json(); // what a hotel's network says instead of us is no word of ours, and thrown out here
    if (said.stored) await stored("readwrite", (answers) => answers.delete(answer.number));
    else if (said.refused) await stored("readwrite", (answers) => answers.put({ ...answer, refused: true }));
    else return;
    await tell();
  }
}

// One tab at a time; what fails is tried again.
async function send() {
  const work = () => sendAll().catch(() => {});
  await (navigator.locks ? navigator.locks.request("koe-kiosk", { ifAvailable: true }, (lock) => lock && work()) : work());
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
    await send();
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
  const parts = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((part) => part.href ?? part.src);
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
  if (isFree && Date.now() - loadedAt > STALE && navigator.onLine && navigator.serviceWorker?.controller) location.replace(home);
}

addEventListener("online", send);
setInterval(() => { send(); renew(); }, AGAIN);
send();
