// On a narrow screen the chosen tab is brought into sight: <nav data-tabs>
export function bind(rows) {
  for (const row of rows) {
    const chosen = row.querySelector("[aria-current]");
    if (chosen) row.scrollLeft = chosen.offsetLeft - (row.clientWidth - chosen.offsetWidth) / 2;
  }
}
