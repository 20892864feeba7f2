// @ts-check
/** The hearing's page keeps itself up to date: what changes in court is looked up again a moment later. */
import { connect } from "../base/live.js";

const page = /** @type {HTMLElement} */ (document.getElementById("hearing"));
const part = /** @type {HTMLElement} */ (document.getElementById("hearing-live"));
const url = page.dataset.live ?? "";
const WATCHED = /^(hearing|floor|page|screen|participant|bundle)\./;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;
let busy = false;

function refresh() {
  clearTimeout(soon);
  soon = setTimeout(async () => {
    // Not under the hand of somebody who is about to press a button in it.
    if (busy || part.contains(document.activeElement)) return void (soon = setTimeout(refresh, 700));
    busy = true;
    try {
      const answer = await fetch(url, { headers: { Accept: "text/html" } });
      if (answer.ok) part.innerHTML = await answer.text();
    } finally {
      busy = false;
    }
  }, 150);
}

connect(page.dataset.case ?? "", {
  onEntry: (entry) => WATCHED.test(entry.action) && refresh(),
  onState: refresh,
  onPresence: refresh,
  onGone: () => location.reload(),
});
