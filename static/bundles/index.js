// @ts-check
/**
 * The index of a bundle filters itself as one types: rows without the words go, and sections without rows.
 */

/** @type {(text: string) => string} */
const translate = /** @type {any} */ (window).gettext ?? ((/** @type {string} */ text) => text);

/**
 * Small letters without accents, so that "wyl" finds "Ŵyl".
 * @param {string} text
 */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

const box = document.querySelector("[data-index-filter]");
const count = document.getElementById("index-count");

if (box instanceof HTMLInputElement) {
  // Read once: the text of a thousand rows is not asked for with every key.
  const parts = [...document.querySelectorAll(".cb-section")].map((part) => ({
    part: /** @type {HTMLElement} */ (part),
    rows: [.../** @type {NodeListOf<HTMLElement>} */ (part.querySelectorAll("tbody > tr"))].map((row) => ({
      row,
      text: fold(row.textContent ?? ""),
    })),
  }));
  const total = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const before = count?.textContent ?? "";

  const filter = () => {
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { part, rows } of parts) {
      let here = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) here += 1;
      }
      part.hidden = here === 0;
      shown += here;
    }
    if (count) {
      count.textContent = words.length
        ? translate("%s of %s shown").replace("%s", String(shown)).replace("%s", String(total))
        : before;
    }
  };
  box.addEventListener("input", filter);
  // Enter would ask the server for what is on the page already.
  box.form?.addEventListener("submit", (event) => {
    if (before === "") {
      event.preventDefault();
      filter();
    }
  });
}
