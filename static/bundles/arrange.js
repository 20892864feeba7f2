// @ts-check
/**
 * Arranging a bundle without loading the page again: by the buttons of each row, or by dragging its handle.
 * Without this file the same buttons send the form. What was done is said in words (#said).
 */

/** @type {(text: string) => string} */
const translate = /** @type {any} */ (window).gettext ?? ((/** @type {string} */ text) => text);

const form = document.getElementById("arrange");
const said = document.getElementById("said");

/** @param {string} text */
function say(text) {
  if (said) said.textContent = text;
}

/**
 * Ask the server to move; it answers what was done and all labels as they stand now.
 * @param {Record<string, string>} fields
 * @returns {Promise<boolean>} whether it was done
 */
async function ask(fields) {
  if (!(form instanceof HTMLFormElement)) return false;
  const body = new URLSearchParams(fields);
  body.set("csrfmiddlewaretoken", String(new FormData(form).get("csrfmiddlewaretoken")));
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const found = await answer.json();
    say(found.said ?? found.refused);
    if (found.labels) relabel(found.labels);
    return answer.ok;
  } catch {
    say(translate("That was not saved: the connection is down. Try again."));
    return false;
  }
}

/** @param {Record<string, [string | null, string | null]>} labels */
function relabel(labels) {
  for (const [id, [first, last]] of Object.entries(labels)) {
    const row = document.getElementById(`d-${id}`);
    if (!row) continue;
    const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (row.querySelectorAll(".cb-label"));
    const names = [first, last];
    links.forEach((link, at) => {
      const name = names[at];
      if (!name || link.textContent === name) return;
      link.textContent = name;
      link.href = link.href.replace(/[^/]*$/, name);
    });
    const title = /** @type {HTMLAnchorElement | null} */ (row.querySelector(".cb-index__title > a"));
    if (title && first) title.href = title.href.replace(/[^/]*$/, first);
  }
}

/**
 * Show or hide "Nothing in it yet" where a section has become empty, or has not.
 * @param {Element | null} body
 */
function settle(body) {
  const none = body?.querySelector(".cb-index__none");
  if (none instanceof HTMLElement) none.hidden = body?.querySelector("[data-document]") !== null;
}

// --- by buttons ---------------------------------------------------------------------------------
form?.addEventListener("submit", async (event) => {
  const button = /** @type {SubmitEvent} */ (event).submitter;
  if (!(button instanceof HTMLButtonElement)) return;
  const row = button.closest("tr");
  const up = button.value.endsWith(":up");
  const other = up ? row?.previousElementSibling : row?.nextElementSibling;
  // The section goes on on another page of the index: the server turns to it.
  const part = /** @type {HTMLElement | null | undefined} */ (row?.closest("[data-part]"));
  if (!(other instanceof HTMLElement) && (up ? part?.dataset.before : part?.dataset.after) !== undefined) return;
  event.preventDefault();
  if (!row || !(other instanceof HTMLElement) || !other.dataset.document) {
    say(up ? translate("It is the first of its section.") : translate("It is the last of its section."));
    return;
  }
  if (await ask({ step: button.value })) {
    if (up) other.before(row);
    else other.after(row);
    // The row went to another place with the button in it: keep both in sight.
    button.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
});

// --- by dragging --------------------------------------------------------------------------------
/** @type {HTMLElement | null} */
let dragged = null;

for (const handle of document.querySelectorAll("[data-handle]")) {
  const row = handle.closest("tr");
  if (!row) continue;
  // Only the handle takes the row along, so that text can still be selected.
  handle.addEventListener("pointerdown", () => {
    row.draggable = true;
  });
  handle.addEventListener("pointerup", () => {
    row.draggable = false;
  });
  row.addEventListener("dragstart", (event) => {
    dragged = row;
    row.classList.add("cb-dragged");
    event.dataTransfer?.setData("text/plain", row.id);
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  });
  row.addEventListener("dragend", () => {
    row.draggable = false;
    row.classList.remove("cb-dragged");
    unmark();
    dragged = null;
  });
}

function unmark() {
  for (const marked of document.querySelectorAll(".cb-drop-before, .cb-drop-after")) {
    marked.classList.remove("cb-drop-before", "cb-drop-after");
  }
}

/**
 * The row under the pointer, and whether the dragged one would go before it.
 * @param {DragEvent} event
 */
function target(event) {
  if (!(event.target instanceof Element)) return null;
  const part = event.target.closest("[data-part]");
  const body = part?.querySelector("tbody");
  if (!(part instanceof HTMLElement) || !body) return null;
  const row = event.target.closest("tr[data-document]");
  if (!(row instanceof HTMLElement)) {
    const rows = body.querySelectorAll("tr[data-document]");
    const edge = event.target.closest("h2, thead") ? rows[0] : rows[rows.length - 1];
    const first = edge === rows[0] && Boolean(event.target.closest("h2, thead"));
    return { part, body, row: edge instanceof HTMLElement ? edge : null, before: first };
  }
  const box = row.getBoundingClientRect();
  return { part, body, row, before: event.clientY < box.top + box.height / 2 };
}

document.addEventListener("dragover", (event) => {
  if (!dragged) return;
  const found = target(event);
  unmark();
  if (!found) return;
  event.preventDefault();
  const marked = found.row ?? found.body.querySelector("tr");
  marked?.classList.add(found.before ? "cb-drop-before" : "cb-drop-after");
});

document.addEventListener("drop", async (event) => {
  const row = dragged;
  const found = target(event);
  unmark();
  if (!row || !found) return;
  event.preventDefault();
  if (found.row === row) return;
  let next = found.before ? found.row : found.row?.nextElementSibling;
  // Dropped right before or after itself: it is there already.
  if (next === row) next = row.nextElementSibling;
  const shown = next instanceof HTMLElement ? (next.dataset.document ?? "") : "";
  // After the last one on this page is before the first one on the next, and not at the end of the section.
  const before = shown || (found.part.dataset.after ?? "");
  const from = row.parentElement;
  const done = await ask({
    document: row.dataset.document ?? "",
    section: found.part.dataset.part ?? "",
    before,
  });
  if (!done) return;
  if (next instanceof HTMLElement && shown) next.before(row);
  else found.body.append(row);
  settle(from);
  settle(found.body);
});
