// What a tablet keeps until the server has it, a row an answer: { number, link, body, said, tries }. `said` is the server's
// last word on it: "refused" for good, "shut" or "moved" as long as the link is, nothing while it only waits.
const shelf = new Promise((done, fail) => {
  const asked = indexedDB.open("koe-kiosk", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "number", autoIncrement: true });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
});

// One transaction, on the disk when the promise is kept.
export async function stored(mode, work) {
  const transaction = (await shelf).transaction("answers", mode, { durability: "strict" });
  return new Promise((done, fail) => {
    const asked = work(transaction.objectStore("answers"));
    transaction.oncomplete = () => done(asked.result);
    transaction.onerror = () => fail(transaction.error);
    transaction.onabort = () => fail(transaction.error);
  });
}

// Those of one link, or all there are; `refused: true` is how an earlier script of ours wrote it.
export async function kept(link) {
  const all = await stored("readonly", (answers) => answers.getAll());
  return all.filter((each) => !link || each.link === link).map((each) => (each.refused ? { ...each, said: "refused" } : each));
}
