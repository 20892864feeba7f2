// @ts-check
/**
 * Starts the GOV.UK and MoJ components of a page, and those of parts that htmx brings in later.
 * The text that components make themselves comes from Django's catalogue, so it is Welsh on a Welsh page.
 */
import * as govuk from "../build/vendor/govuk-frontend.js";
import * as moj from "../build/vendor/moj-frontend.js";

/** @param {Element | Document} scope */
function start(scope) {
  govuk.initAll({ scope });
  moj.initAll({ scope });
}

/**
 * Ask before a form that cannot be undone is sent: `<form data-confirm="Withdraw B12?">`.
 * @param {SubmitEvent} event
 */
function confirmFirst(event) {
  const form = /** @type {HTMLElement} */ (event.target);
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}

/**
 * Filter a long list by typing: `<input data-filter="#rows">` hides the children of #rows that lack its words.
 * @param {Event} event
 */
function filterList(event) {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (!(box instanceof HTMLInputElement) || !box.dataset.filter) return;
  const list = document.querySelector(box.dataset.filter);
  if (!list) return;
  const words = fold(box.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of /** @type {Iterable<HTMLElement>} */ (list.children)) {
    const text = fold(row.textContent ?? "");
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) shown += 1;
  }
  const count = document.querySelector(`[data-filter-count="${box.dataset.filter}"]`);
  if (count) {
    const total = list.children.length;
    count.textContent = words.length
      ? interpolate(gettext("%(shown)s of %(total)s shown"), { shown, total }, true)
      : "";
  }
}

/**
 * Small letters without accents, so that "wyl" finds "Ŵyl".
 * @param {string} text
 */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * Show what hangs on a radio button while it is chosen: `<input type="radio" data-reveals="id">`. Not by the
 * data-aria-controls of GOV.UK's script, which says aria-expanded: a radio button may not have that.
 */
function reveal() {
  for (const button of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-reveals]"))) {
    const part = document.getElementById(button.dataset.reveals ?? "");
    part?.classList.toggle("govuk-radios__conditional--hidden", !button.checked);
  }
}

document.addEventListener("submit", confirmFirst);
document.addEventListener("change", reveal);
// Where one comes back to a page the browser fills in what was chosen, after this script has run.
window.addEventListener("pageshow", reveal);
document.addEventListener("input", filterList);
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:load", (event) => {
  const part = /** @type {CustomEvent} */ (event).detail.elt;
  // htmx tells of the whole body once, which is started below.
  if (part !== document.body) start(part);
});
start(document);
