// @ts-check
/**
 * The hearing's page keeps itself up to date. Only parts that have become another are replaced, so that nothing moves
 * under the hand, and whoever is on a button stays on it; a press on 'Give the floor' does not load the page anew.
 */
import { connect } from "../base/live.js";

const page = /** @type {HTMLElement} */ (document.getElementById("hearing"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const url = page.dataset.live ?? "";
const WATCHED = /^(hearing|floor|page|screen|participant|bundle|document|section)\./;
/** @type {(text: string) => string} */
const gettext = /** @type {any} */ (window).gettext ?? ((/** @type {string} */ text) => text);

/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;
/** Raised with every look at the server, so that an answer that was overtaken is not shown. */
let asked = 0;

function refresh() {
  clearTimeout(soon);
  soon = setTimeout(look, 120);
}

async function look() {
  const mine = (asked += 1);
  try {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (mine !== asked) return;
    // Signed out, or taken out of the case: the server says so on a page of its own.
    if (answer.redirected || answer.status === 404) return void location.reload();
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // No connection: when it comes back, the state that comes with it brings us here again.
  }
}

/** @param {Document} fresh */
function show(fresh) {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[data-part]"))) {
    const now = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!now) {
      // What is there at all has changed (the hearing was opened or closed).
      return void location.reload();
    }
    for (const token of /** @type {NodeListOf<HTMLInputElement>} */ (now.querySelectorAll("[name=csrfmiddlewaretoken]"))) {
      // Another mask over the same secret, with every answer.
      token.value = /** @type {HTMLInputElement|null} */ (page.querySelector("[name=csrfmiddlewaretoken]"))?.value ?? token.value;
      token.setAttribute("value", token.value);
    }
    if (now.innerHTML === part.innerHTML) continue;
    const key = part.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.key : null;
    part.replaceChildren(...now.childNodes);
    if (key) /** @type {HTMLElement|null} */ (part.querySelector(`[data-key="${CSS.escape(key)}"]`))?.focus({ preventScroll: true });
  }
  if (page.querySelectorAll("[data-part]").length !== fresh.querySelectorAll("[data-part]").length) location.reload();
}

// On the document, as base.js, and after it: it has asked by then where a form wants a question.
document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (event.defaultPrevented || !form.matches("[data-quiet]") || !page.contains(form)) return;
  event.preventDefault();
  said.textContent = "";
  const button = /** @type {HTMLButtonElement|null} */ (event.submitter);
  button?.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      said.textContent = problem.detail ?? gettext("That could not be done just now. Try again.");
    }
  } catch {
    said.textContent = gettext("There is no connection to the court. It comes back by itself; then try again.");
  } finally {
    button?.removeAttribute("aria-disabled");
    look();
  }
});

connect(page.dataset.case ?? "", {
  onEntry: (entry) => WATCHED.test(entry.action) && refresh(),
  onState: refresh,
  onPresence: refresh,
  onGone: () => location.reload(),
});
