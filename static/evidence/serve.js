// @ts-check
/**
 * Serve evidence: a row for every file at once, three uploads side by side that try again by themselves, cells that
 * are saved as one leaves them, and states that keep up with the worker. Without this script the page is a plain form.
 *
 * @typedef {{id: string, key: string, name: string, title: string, date: string, exhibit: string, section: string, bundle: string,
 *   seen: string, pages: number, status: string, state: string, reason: string, warnings: string[], href: string}} Data
 * @typedef {"title"|"date"|"exhibit"|"section"|"seen"} Cell
 */
import { shared } from "../base/shared.js";

const data = JSON.parse(document.getElementById("serve-data")?.textContent ?? "{}");
const SIDE_BY_SIDE = 3;
const POLL = 1000;
const NOBODY = "00000000-0000-0000-0000-000000000000";
const DONE = new Set(["ready", "refused", "failed"]);
const list = /** @type {HTMLElement} */ (document.getElementById("row-list"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("upload"));
const picker = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]"));
const drop = /** @type {HTMLElement} */ (document.getElementById("drop"));
const serve = /** @type {HTMLAnchorElement} */ (document.getElementById("serve"));
const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const blank = /** @type {HTMLTemplateElement} */ (document.getElementById("row"));

/** @param {string} text @param {Record<string, unknown>} values */
const say = (text, values) => interpolate(text, values, true);

/** A file on its way, or a document that has arrived: one row of the table. */
class Row {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.id = element.dataset.id ?? "";
    this.status = element.dataset.status ?? "waiting";
    /** What was typed before there was a document to save it in. @type {Map<Cell, string>} */
    this.typed = new Map();
    /** Saves of one row follow each other. @type {Promise<void>} */
    this.saving = Promise.resolve();
    /** @type {File|null} */
    this.file = null;
    this.key = "";
    this.position = 0;
    this.tries = 0;
    /** @type {XMLHttpRequest|null} */
    this.request = null;
    this.asked = "";
  }

  /** @param {string} name @returns {HTMLElement} */
  text(name) {
    return /** @type {HTMLElement} */ (this.element.querySelector(`[data-text="${name}"]`));
  }

  /** @param {Cell} name @returns {HTMLInputElement|HTMLSelectElement} */
  cell(name) {
    return /** @type {HTMLInputElement} */ (this.element.querySelector(`[data-cell="${name}"]`));
  }

  /** @param {string} status @param {string} words @param {string} [reason] */
  show(status, words, reason = "") {
    if (status !== this.status) changedCount(this, status);
    this.status = status;
    this.element.dataset.status = status;
    put(this.text("state"), words);
    put(this.text("reason"), reason);
    const retry = /** @type {HTMLElement} */ (this.element.querySelector("[data-retry]"));
    retry.hidden = status !== "failed" || !this.file;
  }

  /** What the server says of it now. A cell that is being typed in, or waits to be saved, is left alone. @param {Data} row */
  fill(row) {
    if (!this.id) {
      this.id = row.id;
      this.element.dataset.id = row.id;
      this.element.id = `row-${row.id}`;
      rows.set(row.id, this);
    }
    put(this.text("name"), row.name);
    put(this.text("pages"), row.pages ? String(row.pages) : "");
    put(this.text("spoken"), ` ${row.title}`);
    const look = /** @type {HTMLAnchorElement} */ (this.element.querySelector("[data-look]"));
    look.hidden = !row.href;
    if (row.href && look.getAttribute("href") !== row.href) look.href = row.href;
    for (const name of /** @type {Cell[]} */ (["title", "date", "exhibit", "section", "seen"])) {
      const cell = this.cell(name);
      const busy = this.typed.has(name) || cell.classList.contains("govuk-input--error");
      if (busy || (document.activeElement === cell && cell.value !== cell.dataset.saved)) continue;
      if (name === "section") sectionsFor(cell, row.bundle);
      if (name === "seen") choiceFor(cell, row.seen);
      if (cell.value !== row[name]) cell.value = row[name];
      cell.dataset.saved = row[name];
    }
    const warnings = /** @type {HTMLElement} */ (this.element.querySelector("[data-warnings]"));
    const said = row.warnings.join("\n");
    if (warnings.dataset.said !== said) {
      warnings.dataset.said = said;
      warnings.hidden = row.warnings.length === 0;
      warnings.replaceChildren(
        ...row.warnings.map((warning) => {
          const item = document.createElement("li");
          item.textContent = warning;
          return item;
        }),
      );
    }
    this.show(row.status, row.state, row.reason);
  }

  /** @param {Cell} name @param {string} message */
  complain(name, message) {
    const cell = this.cell(name);
    const error = /** @type {HTMLElement} */ (this.element.querySelector(`[data-error="${name}"]`));
    error.textContent = message;
    error.hidden = !message;
    error.id ||= `error-${name}-${Math.random().toString(36).slice(2)}`;
    cell.classList.toggle(cell.tagName === "SELECT" ? "govuk-select--error" : "govuk-input--error", !!message);
    if (message) {
      cell.setAttribute("aria-invalid", "true");
      cell.setAttribute("aria-describedby", error.id);
      announce(message);
    } else {
      cell.removeAttribute("aria-invalid");
      cell.removeAttribute("aria-describedby");
    }
  }

  /** Save a cell; until the file has arrived it is kept and sent with it, or after it. @param {Cell} name */
  save(name) {
    const cell = this.cell(name);
    if (cell.value === cell.dataset.saved && !cell.hasAttribute("aria-invalid")) return;
    this.typed.set(name, cell.value);
    if (this.id) this.saving = this.saving.then(() => this.send());
  }

  /** Send what was typed and is not saved yet. */
  async send() {
    for (const [name, value] of [...this.typed]) {
      const body = new FormData();
      body.set(name, value);
      const answer = await ask(data.change.replace(NOBODY, this.id), body);
      if (this.typed.get(name) !== value) continue; // typed again meanwhile: that one follows
      if (answer.ok) {
        this.typed.delete(name);
        this.cell(name).dataset.saved = value;
        this.complain(name, "");
        this.fill(answer.body.row);
      } else if (answer.status === 404) {
        this.leave();
        return;
      } else if (answer.status === 0 || answer.status >= 500 || answer.status === 429) {
        const lost = gettext("Not saved: the connection is lost. It is tried again.");
        this.complain(name, answer.status === 503 && answer.body.detail ? answer.body.detail : lost);
        window.setTimeout(() => (this.saving = this.saving.then(() => this.send())), 3000);
        return;
      } else {
        // It stays as it was typed, with what is wrong with it.
        this.typed.delete(name);
        this.complain(name, answer.body.detail ?? gettext("That could not be saved."));
      }
    }
  }

  leave() {
    this.request?.abort();
    this.file = null;
    const next = /** @type {HTMLElement|null} */ (
      (this.element.nextElementSibling ?? this.element.previousElementSibling)?.querySelector("[data-remove]")
    );
    const had = this.element.contains(document.activeElement);
    if (this.id) rows.delete(this.id);
    else if (this.key) unwanted.add(this.key);
    byKey.delete(this.key);
    byElement.delete(this.element);
    changedCount(this, "");
    this.element.remove();
    if (had) (next ?? picker).focus();
    summarise();
  }
}

/** @param {HTMLElement} element @param {string} text */
function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @type {Map<string, Row>} */
const rows = new Map();
/** Those that this page has sent, by the key of their upload. @type {Map<string, Row>} */
const byKey = new Map();
/** Keys of uploads that were taken off the list before they had arrived. @type {Set<string>} */
const unwanted = new Set();
/** @type {WeakMap<Element, Row>} */
const byElement = new WeakMap();
/** How many rows are in which state. @type {Map<string, number>} */
const counts = new Map();

/** @param {Row} row @param {string} status  what it becomes; "" when it goes */
function changedCount(row, status) {
  const before = counts.get(row.status) ?? 0;
  if (row.element.dataset.counted) counts.set(row.status, before - 1);
  if (status) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
    row.element.dataset.counted = "1";
  }
  soon();
}

/** @param {HTMLInputElement|HTMLSelectElement} cell @param {string} bundle */
function sectionsFor(cell, bundle) {
  if (cell.dataset.bundle === bundle && cell.children.length) return;
  const options = /** @type {HTMLTemplateElement|null} */ (
    document.querySelector(`template[data-sections="${bundle}"]`)
  );
  if (options) cell.replaceChildren(options.content.cloneNode(true));
  cell.dataset.bundle = bundle;
}

/** A choice that the list does not have is added with the words of the form. @param {HTMLInputElement|HTMLSelectElement} cell @param {string} value */
function choiceFor(cell, value) {
  const select = /** @type {HTMLSelectElement} */ (/** @type {unknown} */ (cell));
  if ([...select.options].some((option) => option.value === value)) return;
  const names = value.split(",").map((slug) => {
    const box = form.querySelector(`input[name="parties"][value="${CSS.escape(slug)}"]`);
    return box?.closest(".govuk-checkboxes__item")?.textContent?.trim() ?? slug;
  });
  select.add(new Option(say(gettext("Only %(who)s"), { who: names.join(", ") }), value));
}

/**
 * @param {string} url
 * @param {FormData|null} [body]
 * @returns {Promise<{ok: boolean, status: number, body: any}>}  status 0: no answer came
 */
async function ask(url, body = null) {
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    const answer = await fetch(url, { method: body ? "POST" : "GET", body, headers });
    const json = /^application\/(problem\+)?json/.test(answer.headers.get("Content-Type") ?? "");
    return { ok: answer.ok, status: answer.status, body: json ? await answer.json() : {} };
  } catch {
    return { ok: false, status: 0, body: {} };
  }
}

/** The token as it stands now: signing in again in another tab changes it. */
function token() {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrfmiddlewaretoken"));
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? field.value;
}

// --- files come ---------------------------------------------------------------------------------
/** @type {Row[]} */
const waiting = [];
let running = 0;
const inOrder = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });

/** Where new files go, as the form says; null where it says nothing that will do. */
function place() {
  const section = /** @type {HTMLSelectElement} */ (form.elements.namedItem("section"));
  const seen = /** @type {HTMLInputElement|null} */ (form.querySelector("input[name=seen]:checked"));
  const parties = [...form.querySelectorAll("input[name=parties]:checked")].map(
    (box) => /** @type {HTMLInputElement} */ (box).value,
  );
  const some = seen?.value === "some";
  const bad = !section.value ? section : some && !parties.length ? form.querySelector("input[name=parties]") : null;
  if (bad instanceof HTMLElement) {
    tell(section.value ? gettext("Choose at least one party.") : gettext("Choose a section."), bad);
    return null;
  }
  clear();
  return { section: section.value, seen: some ? parties.join(",") : "everybody" };
}

/** Say beside a field of the form what is missing, as the server would. @param {string} text @param {HTMLElement} field */
function tell(text, field) {
  clear();
  const group = field.closest(".govuk-form-group");
  const message = document.createElement("p");
  message.className = "govuk-error-message";
  message.dataset.told = "";
  message.textContent = text;
  group?.classList.add("govuk-form-group--error");
  (group?.querySelector("select, .govuk-checkboxes") ?? field).before(message);
  field.focus();
  announce(text);
}

function clear() {
  for (const message of form.querySelectorAll("[data-told]")) {
    message.closest(".govuk-form-group")?.classList.remove("govuk-form-group--error");
    message.remove();
  }
}

/** Files chosen while the section was not: they wait for it. @type {File[]} */
let held = [];

/** @param {File[]} files */
function take(files) {
  if (!files.length) return;
  const where = place();
  if (!where) {
    held.push(...files);
    return;
  }
  files.sort((a, b) => inOrder.compare(a.name, b.name));
  const [bundle, letter] = where.section.split("/");
  const fragment = document.createDocumentFragment();
  for (const file of files) {
    const element = /** @type {HTMLElement} */ (blank.content.firstElementChild?.cloneNode(true));
    const row = new Row(element);
    byElement.set(element, row);
    row.file = file;
    row.key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    byKey.set(row.key, row);
    data.positions[where.section] ??= 0;
    row.position = data.positions[where.section]++;
    put(row.text("name"), file.name);
    const title = file.name.replace(/\.pdf$/i, "").replace(/_+/g, " ").slice(0, 300);
    for (const [name, value] of [["title", title], ["date", ""], ["exhibit", ""]]) {
      const cell = row.cell(/** @type {Cell} */ (name));
      cell.value = cell.dataset.saved = value;
    }
    sectionsFor(row.cell("section"), bundle);
    choiceFor(row.cell("seen"), where.seen);
    row.cell("section").value = row.cell("section").dataset.saved = letter;
    row.cell("seen").value = row.cell("seen").dataset.saved = where.seen;
    put(row.text("spoken"), ` ${file.name}`);
    row.status = "";
    fragment.append(element);
    if (file.size > data.largest) {
      row.file = null;
      row.show("failed", gettext("refused"), data.too_large);
    } else {
      row.show("waiting", gettext("waiting to be uploaded"));
      waiting.push(row);
    }
  }
  const first = fragment.firstElementChild;
  list.append(fragment);
  shown();
  first?.scrollIntoView({ block: "nearest" });
  announce(say(ngettext("%(n)s file was added.", "%(n)s files were added.", files.length), { n: files.length }));
  next();
}

function next() {
  while (running < SIDE_BY_SIDE && waiting.length) {
    const row = /** @type {Row} */ (waiting.shift());
    if (row.file && row.element.isConnected) send(row);
  }
}

/** @param {Row} row */
function send(row) {
  const file = /** @type {File} */ (row.file);
  running += 1;
  row.show("uploading", say(gettext("uploading %(n)s %"), { n: 0 }));
  const body = new FormData();
  const bundle = row.cell("section").dataset.bundle;
  body.set("section", `${bundle}/${row.cell("section").value}`);
  body.set("seen", row.cell("seen").value);
  body.set("position", String(row.position));
  body.set("file", file, file.name);
  const request = new XMLHttpRequest();
  row.request = request;
  let moved = Date.now();
  // A line that is dead without saying so: no byte for a minute.
  const watch = window.setInterval(() => Date.now() - moved > 60_000 && request.abort(), 5000);
  request.upload.addEventListener("progress", (event) => {
    moved = Date.now();
    if (event.lengthComputable && row.status === "uploading") {
      const n = Math.min(99, Math.floor((100 * event.loaded) / event.total));
      put(row.text("state"), say(gettext("uploading %(n)s %"), { n }));
    }
  });
  request.addEventListener("loadend", () => {
    window.clearInterval(watch);
    running -= 1;
    row.request = null;
    if (row.file) arrived(row, request);
    next();
  });
  request.open("POST", data.upload);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", token());
  // The same key for the same file, however often it is sent: it becomes one document.
  request.setRequestHeader("Idempotency-Key", row.key);
  request.responseType = "json";
  request.send(body);
}

/** @param {Row} row @param {XMLHttpRequest} request */
function arrived(row, request) {
  const { status, response } = request;
  if (status === 202 && response?.row) {
    landed(row, response.row);
    poll();
  } else if (status === 0 || status === 429 || status >= 500) {
    row.tries += 1;
    const wait = Math.min(30, 2 ** Math.min(row.tries, 5)) * (0.75 + Math.random() / 2);
    // A full disk is said as that: whoever reads it can do something about it.
    const why = status === 503 ? (response?.detail ?? "") : "";
    row.show("waiting", why ? gettext("not taken yet: it will be sent again") : gettext("the connection was lost: it will be sent again"), why);
    window.setTimeout(() => {
      if (row.file && row.element.isConnected) {
        waiting.push(row);
        next();
      }
    }, wait * 1000);
  } else {
    row.show("failed", gettext("not uploaded"), response?.detail ?? gettext("The server did not take the file."));
  }
}

/** The server has the file. What was typed while it was on its way is saved now. @param {Row} row @param {Data} found */
function landed(row, found) {
  row.file = null;
  row.request?.abort();
  for (const name of /** @type {Cell[]} */ (["section", "seen"])) {
    // What was chosen before it was sent went with it; what was chosen after that is still to be saved.
    row.typed.delete(name);
    if (row.cell(name).value !== found[name]) row.typed.set(name, row.cell(name).value);
  }
  row.fill(found);
  if (row.typed.size) row.saving = row.saving.then(() => row.send());
}

window.addEventListener("online", () => next());

// --- states keep up -----------------------------------------------------------------------------
let after = data.after;
let asking = false;
let again = false;
let timer = 0;

async function poll() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  window.clearTimeout(timer);
  const answer = await ask(`${data.states}?after=${after}`);
  asking = false;
  if (answer.ok) {
    after = answer.body.after;
    let came = false;
    for (const found of /** @type {Data[]} */ (answer.body.rows)) {
      if (unwanted.has(found.key)) {
        // Taken off the list while it was on its way, and it arrived all the same.
        unwanted.delete(found.key);
        ask(`${data.change.replace(NOBODY, found.id)}/remove`, new FormData());
        continue;
      }
      const row = rows.get(found.id) ?? byKey.get(found.key) ?? unknown();
      // It has arrived, though its answer has not (yet).
      if (row.file) landed(row, found);
      else row.fill(found);
      came = true;
    }
    for (const id of answer.body.gone) rows.get(id)?.leave();
    if (came) shown();
  }
  if (again) {
    again = false;
    poll();
  } else if (unfinished()) timer = window.setTimeout(poll, answer.ok ? POLL : 3 * POLL);
}

/** A row for a document that came in by another tab, or by another person of my side. */
function unknown() {
  const element = /** @type {HTMLElement} */ (blank.content.firstElementChild?.cloneNode(true));
  const row = new Row(element);
  row.status = "";
  byElement.set(element, row);
  list.append(element);
  return row;
}

function unfinished() {
  return [...counts].some(([status, n]) => n > 0 && !DONE.has(status) && status !== "waiting" && status !== "uploading");
}

// --- what it comes to ---------------------------------------------------------------------------
let due = 0;
function soon() {
  due ||= requestAnimationFrame(() => {
    due = 0;
    summarise();
  });
}

let lastSaid = "";
function summarise() {
  const n = (/** @type {string[]} */ ...names) => names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
  const ready = n("ready");
  const uploading = n("waiting", "uploading");
  const reading = n("received", "scanning", "converting", "reading");
  const refused = n("refused", "failed");
  const parts = [say(ngettext("%(n)s ready", "%(n)s ready", ready), { n: ready })];
  if (uploading) parts.push(say(ngettext("%(n)s on its way", "%(n)s on their way", uploading), { n: uploading }));
  if (reading) parts.push(say(ngettext("%(n)s being read", "%(n)s being read", reading), { n: reading }));
  if (refused) parts.push(say(ngettext("%(n)s refused", "%(n)s refused", refused), { n: refused }));
  put(/** @type {HTMLElement} */ (document.getElementById("summary")), parts.join(", "));
  put(serve, say(ngettext("Serve %(n)s document", "Serve %(n)s documents", ready), { n: ready }));
  serve.classList.toggle("govuk-visually-hidden", !ready);
  serve.toggleAttribute("inert", !ready);
  if (!uploading) problem.hidden = true;
  const finished = !uploading && !reading && list.children.length > 0 ? parts.join(", ") : "";
  if (finished && finished !== lastSaid) announce(finished);
  lastSaid = finished;
  shown();
}

function shown() {
  const some = list.children.length > 0;
  /** @type {HTMLElement} */ (document.getElementById("list")).hidden = !some;
  /** @type {HTMLElement} */ (document.getElementById("nothing")).hidden = some;
}

/** Say it to those who hear the page. @param {string} text */
function announce(text) {
  put(/** @type {HTMLElement} */ (document.getElementById("announce")), text);
}

// --- what people do -----------------------------------------------------------------------------
drop.classList.add("cb-drop--ready");
picker.addEventListener("change", () => {
  take([...(picker.files ?? [])]);
  picker.value = "";
});
form.addEventListener("submit", (event) => {
  const button = /** @type {HTMLElement|null} */ (event.submitter);
  if (!button?.hasAttribute("formaction")) event.preventDefault();
  // The files were sent by this script; the button sends the choices alone.
  else picker.disabled = true;
});
form.addEventListener("change", (event) => {
  if (event.target === picker) return;
  parties();
  if (held.length) {
    const files = held;
    held = [];
    take(files);
  } else clear();
});

function parties() {
  const some = form.querySelector("input[name=seen][value=some]");
  const box = /** @type {HTMLElement} */ (document.getElementById("parties"));
  box.hidden = !(some instanceof HTMLInputElement && some.checked);
}

let depth = 0;
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (raw) => {
    const event = /** @type {DragEvent} */ (raw);
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Anywhere on the page: a file dropped beside the box must not open in the browser.
    event.preventDefault();
    depth = kind === "dragenter" ? depth + 1 : kind === "dragleave" ? depth - 1 : kind === "drop" ? 0 : depth;
    drop.classList.toggle("cb-drop--over", depth > 0);
    if (kind === "drop") dropped(event.dataTransfer);
  });
}

/** @param {DataTransfer} transfer */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.());
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) {
    take(files);
    return;
  }
  /** @type {File[]} */
  const found = [];
  for (const entry of entries) if (entry) found.push(...(await filesIn(entry)));
  // Folders bring what the system keeps in them too.
  take(found.filter((file) => !/^(\.|Thumbs\.db$|desktop\.ini$)/i.test(file.name)));
}

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesIn(entry) {
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return new Promise((resolve) => file.file((found) => resolve([found]), () => resolve([])));
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {File[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!part.length) return found;
    for (const inner of part) found.push(...(await filesIn(inner)));
  }
}

/** @param {Event} event */
function rowOf(event) {
  const element = event.target instanceof Element ? event.target.closest("[data-row]") : null;
  return element ? byElement.get(element) : undefined;
}

list.addEventListener("change", (event) => {
  const name = event.target instanceof HTMLElement ? event.target.dataset.cell : undefined;
  if (name) rowOf(event)?.save(/** @type {Cell} */ (name));
});
list.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (!(cell instanceof HTMLInputElement) || !cell.dataset.cell) return;
  if (event.key === "Enter") {
    // Down the column, as in a spreadsheet; leaving the cell saves it.
    event.preventDefault();
    const row = cell.closest("[data-row]");
    const to = event.shiftKey ? row?.previousElementSibling : row?.nextElementSibling;
    const below = to?.querySelector(`[data-cell="${cell.dataset.cell}"]`);
    if (below instanceof HTMLInputElement) {
      below.focus();
      below.select();
    } else cell.blur();
  } else if (event.key === "Escape" && cell.value !== cell.dataset.saved) {
    cell.value = cell.dataset.saved ?? "";
    rowOf(event)?.complain(/** @type {Cell} */ (cell.dataset.cell), "");
  }
});
list.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  const row = rowOf(event);
  if (!button || !row) return;
  event.preventDefault();
  if (button.hasAttribute("data-retry") && row.file) {
    row.tries = 0;
    row.show("waiting", gettext("waiting to be uploaded"));
    waiting.unshift(row);
    next();
  } else if (button.hasAttribute("data-remove")) {
    if (row.id) {
      const answer = await ask(`${data.change.replace(NOBODY, row.id)}/remove`, new FormData());
      if (!answer.ok) {
        row.complain("title", answer.body.detail ?? gettext("It was not removed: the connection is lost."));
        return;
      }
    }
    announce(say(gettext("%(name)s was removed."), { name: row.cell("title").value }));
    row.leave();
  }
});
document.getElementById("rows")?.addEventListener("submit", (event) => event.preventDefault());

/** Rows whose file, or whose last words, the server does not have yet. */
function busy() {
  const typed = [...rows.values()].some((row) => row.typed.size > 0);
  return typed || (counts.get("waiting") ?? 0) + (counts.get("uploading") ?? 0) > 0;
}

serve.addEventListener("click", async (event) => {
  event.preventDefault();
  const cell = document.activeElement;
  if (cell instanceof HTMLElement && list.contains(cell)) cell.blur();
  await Promise.all([...rows.values()].map((row) => row.saving));
  if (busy()) {
    problem.textContent = gettext("Some files are still on their way. Wait until they have arrived, or remove them.");
    problem.hidden = false;
    return;
  }
  const wrong = list.querySelector("[aria-invalid]");
  if (wrong instanceof HTMLElement) {
    problem.textContent = gettext("Something in the list could not be saved. Correct it first.");
    problem.hidden = false;
    wrong.focus();
    return;
  }
  location.assign(serve.href);
});
window.addEventListener("beforeunload", (event) => {
  if (busy()) event.preventDefault();
});

// --- begin --------------------------------------------------------------------------------------
for (const element of document.querySelectorAll("[data-script-only]")) element.removeAttribute("hidden");
for (const element of document.querySelectorAll("[data-plain-only]")) element.setAttribute("hidden", "");
for (const element of /** @type {Iterable<HTMLElement>} */ (list.children)) {
  const row = new Row(element);
  byElement.set(element, row);
  rows.set(row.id, row);
  for (const name of /** @type {Cell[]} */ (["title", "date", "exhibit", "section", "seen"])) {
    const cell = row.cell(name);
    cell.dataset.saved = cell.value;
  }
  changedCount(row, row.status);
}
parties();
// A page kept by the browser and shown again may be behind.
window.addEventListener("pageshow", (event) => event.persisted && poll());
// The worker's entries come at once over the live connection; asking each second is for when there is none.
let nudged = 0;
shared(data.reference).on("entry", (/** @type {{action: string}} */ entry) => {
  if (!entry.action.startsWith("document.") || nudged) return;
  // Many come at once: one question answers for all of them.
  nudged = window.setTimeout(() => {
    nudged = 0;
    poll();
  }, 250);
});
if (unfinished()) poll();
