// @ts-check
/** Notes in the reader: highlights, areas, notes and replies, over the pages and beside them, live. */

import { shared } from "../base/shared.js";
import { reader as ready } from "../reader/seam.js";
import { byId, element, gettext, interpolate } from "../reader/words.js";
import { AreaMode } from "./area.js";
import { Audiences } from "./audience.js";
import { hiddenNow, Marks } from "./marks.js";
import { around, rounded } from "./model.js";
import { Pane } from "./pane.js";
import { Store } from "./store.js";

/** @typedef {import("../reader/reader.js").Reader} Reader */
/** @typedef {import("../reader/selection.js").Selected} Selected */
/** @typedef {import("./model.js").Setup} Setup */

/** What else changes which notes somebody may see. */
const CHANGES = new Set(["participant.changed", "participant.joined", "document.changed", "document.withdrawn", "document.replaced", "section.restricted"]);

/** How long to wait for the court's word on who presents, in milliseconds, where there is no connection. */
const UNKNOWN_FOR = 5000;

const setup = /** @type {Setup} */ (JSON.parse(byId("notes-setup").textContent ?? "{}"));
// The reader writes its own address soon, without what a link to one note says.
const wanted = /^#note-([0-9a-f-]{36})$/.exec(location.hash)?.[1] ?? new URLSearchParams(location.search).get("note");

/** @param {Reader} reader */
function start(reader) {
  const { api, csrf } = reader.config;
  const store = new Store({ api, csrf, notes: setup.notes, me: setup.me, mine: setup.mine }, () =>
    reader.frames().map((frame) => frame.page.id),
  );
  const audiences = new Audiences(setup);
  const marks = new Marks(reader, store, audiences, (id) => pane.open(id));
  const pane = new Pane({ reader, store, audiences, marks, longest: setup.longest, may: setup.may }, setup);

  reader.on("draw", () => store.soon());
  reader.on("pages", () => store.soon());
  for (const frame of reader.frames()) marks.draw(frame.page.id);
  store.soon(0);

  if (setup.may) writing(reader, store, audiences, pane, marks);
  presenting(reader, pane);
  listen(reader, store, pane);
  if (wanted) openWanted(reader, store, pane, wanted);

  addEventListener("beforeunload", (event) => {
    if (store.unsaved || pane.dirty) event.preventDefault();
  });
  addEventListener("online", () => store.retryAll());
  document.documentElement.dataset.notes = "ready";
}

/**
 * Keys and buttons for writing.
 * @param {Reader} reader
 * @param {Store} store
 * @param {Audiences} audiences
 * @param {Pane} pane
 * @param {Marks} marks
 */
function writing(reader, store, audiences, pane, marks) {
  const group = gettext("Notes");
  const area = new AreaMode(
    reader,
    (page, quads) => marks.propose({ page, quads }),
    (page, quads) => pane.compose({ page, kind: "area", body: "", quads, quote: "", tags: [] }),
    () => marks.propose(null),
  );

  const highlight = (/** @type {Selected | null} */ selected) => {
    if (!selected) {
      reader.tell(gettext("Select words first, by hand or with S; then H highlights them."));
      setTimeout(() => reader.tell(""), 4000);
      return;
    }
    const audience = audiences.now;
    for (const part of selected.parts) {
      void store.create({ page: part.page.id, kind: "highlight", body: "", quads: rounded(part.boxes), quote: oneLine(part.quote), audience, tags: [] });
    }
    reader.selection.clear();
    reader.view.focus({ preventScroll: true });
    reader.say(interpolate(gettext("Highlighted. Seen by %(who)s"), { who: audiences.words(audience) }));
    if (hiddenNow()) {
      reader.tell(gettext("Highlighted. Notes are hidden while you present."));
      setTimeout(() => reader.tell(""), 4000);
    }
  };
  const note = (/** @type {Selected | null} */ selected) => {
    const page = selected ? selected.page : reader.pageInView;
    if (!page) return;
    const part = selected?.parts[0];
    pane.compose({
      page: page.id,
      kind: "note",
      body: "",
      quads: part ? rounded(part.boxes) : [],
      quote: part ? oneLine(part.quote) : "",
      tags: [],
    });
    if (pane.composer?.page === page.id) reader.selection.clear();
  };

  reader.keys.add({ id: "highlight", key: "h", label: gettext("Highlight the selected words"), group, run: () => highlight(reader.selection.now) });
  reader.keys.add({ id: "note", key: "m", label: gettext("Write a note on the selected words, or on the page"), group, run: () => note(reader.selection.now) });
  reader.keys.add({ id: "area", key: "a", label: gettext("Mark an area of a page"), group, run: () => {
    if (hiddenNow()) reader.tell(gettext("Notes are hidden while you present. Show them first, in the pane of notes."));
    else area.start();
  } });

  const popover = new Popover(reader, audiences);
  const buttons = () => {
    const { now } = audiences;
    const shares = now.choice !== "private";
    reader.selection.add({ id: "highlight", order: 10, label: shares ? gettext("Highlight and share") : gettext("Highlight"), run: highlight });
    reader.selection.add({ id: "note", order: 20, label: gettext("Note"), run: note });
    reader.selection.add({
      id: "audience",
      order: 70,
      label: interpolate(gettext("Seen by %(who)s"), { who: audiences.words(now) }),
      run: () => popover.toggle(),
    });
    const button = reader.selection.bar.querySelector('[data-button="audience"]');
    button?.setAttribute("aria-haspopup", "dialog");
    button?.setAttribute("aria-expanded", String(popover.open));
    reader.selection.place();
  };
  audiences.on("change", buttons);
  buttons();
}

/** Who sees what is written next, chosen at the selection. */
class Popover {
  /**
   * @param {Reader} reader
   * @param {Audiences} audiences
   */
  constructor(reader, audiences) {
    this.reader = reader;
    this.audiences = audiences;
    this.element = element("div", "notes-popover");
    this.element.hidden = true;
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-label", gettext("Who sees it"));
    reader.selection.bar.after(this.element);
    // The selection must stay while somebody chooses.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.hide();
      this.button?.focus();
    });
    reader.on("select", (selected) => selected || this.hide());
    reader.on("scroll", () => this.place());
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !this.element.contains(event.target) && !reader.selection.bar.contains(event.target)) this.hide();
    });
  }

  get open() {
    return !this.element.hidden;
  }

  get button() {
    return /** @type {HTMLElement | null} */ (this.reader.selection.bar.querySelector('[data-button="audience"]'));
  }

  toggle() {
    if (this.open) {
      this.hide();
      return;
    }
    const close = element("button", "reader-small-button", gettext("Done"));
    close.type = "button";
    close.addEventListener("click", () => {
      this.hide();
      this.button?.focus();
    });
    this.element.replaceChildren(this.audiences.chooser(this.audiences.now, (value) => {
      this.audiences.choose(value);
      this.place();
    }, gettext("Who sees what I write next")), close);
    this.element.hidden = false;
    this.button?.setAttribute("aria-expanded", "true");
    this.place();
    /** @type {HTMLElement | null} */ (this.element.querySelector("input:checked"))?.focus({ preventScroll: true });
  }

  hide() {
    if (!this.open) return;
    this.element.hidden = true;
    this.button?.setAttribute("aria-expanded", "false");
  }

  /** Under the bar, or over it where there is no room. */
  place() {
    if (!this.open) return;
    if (this.reader.selection.bar.hidden) {
      this.hide();
      return;
    }
    const bar = this.reader.selection.bar.getBoundingClientRect();
    const { width, height } = this.element.getBoundingClientRect();
    const below = bar.bottom + 4 + height < window.innerHeight;
    this.element.style.top = `${below ? bar.bottom + 4 : Math.max(4, bar.top - height - 4)}px`;
    this.element.style.left = `${Math.max(4, Math.min(bar.right - width, window.innerWidth - width - 4))}px`;
  }
}

/**
 * What others do to notes, as it happens.
 * @param {Reader} reader
 * @param {Store} store
 * @param {Pane} pane
 */
function listen(reader, store, pane) {
  const live = shared(reader.config.reference);
  let away = 0;
  live.on("entry", (entry) => {
    const { action, data } = entry;
    if (CHANGES.has(action)) store.staleAll();
    if (!action.startsWith("note.") || typeof data?.page !== "string") return;
    // A note that is not for this person any more goes at once; what stands is asked for after that.
    if ((action === "note.deleted" || action === "note.hidden") && data.note) store.forget(data.page, data.note);
    store.stale(data.page);
  });
  live.on("status", (status) => {
    if (status === "live") {
      clearTimeout(away);
      away = 0;
      pane.connected = true;
      pane.connection();
      store.staleAll();
      store.retryAll();
      return;
    }
    // A moment's loss is nobody's concern; and with every try that fails it is said again that it is away.
    away ||= window.setTimeout(() => {
      pane.connected = false;
      pane.connection();
    }, 3000);
  });
  store.on("arrived", ({ page, notes }) => {
    if (hiddenNow() || !pane.seen().includes(page)) return;
    const label = reader.pages.byId(page)?.label ?? "";
    reader.say(interpolate(gettext("New note by %(name)s on %(label)s"), { name: notes[0].author.name, label }));
  });
}

/**
 * While somebody presents, their own notes are hidden from their screen (by notes.css) until they ask for them; and
 * hidden again the next time.
 * @param {Reader} reader
 * @param {Pane} pane
 */
function presenting(reader, pane) {
  // Whoever loads the page anew while they present must not show their notes for the moment until that is known.
  const known = () => document.body.classList.remove("notes-waiting");
  document.body.classList.add("notes-waiting");
  setTimeout(known, UNKNOWN_FOR);
  shared(reader.config.reference).on("state", (state) => {
    if (state.hearing && state.presenter?.id === setup.me.id) document.body.classList.add("is-presenting");
    known();
  });
  let now = document.body.classList.contains("is-presenting");
  new MutationObserver(() => {
    const then = now;
    now = document.body.classList.contains("is-presenting");
    if (now === then) return;
    document.body.classList.remove("show-notes");
    pane.soon();
  }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
}

/**
 * A link from elsewhere names a note: once its page is there, and it is known that notes may show, it is opened.
 * @param {Reader} reader
 * @param {Store} store
 * @param {Pane} pane
 * @param {string} id
 */
function openWanted(reader, store, pane, id) {
  const open = () => {
    const note = store.find(id);
    if (!note || hiddenNow()) return;
    end();
    if (!pane.seen().includes(note.page) || note.quads.length) {
      reader.goTo(note.page, { view: note.quads.length ? around(note.quads) : null });
    }
    requestAnimationFrame(() => pane.open(id));
  };
  const stop = store.on("page", open);
  const end = () => {
    stop();
    observer.disconnect();
  };
  // Later it would come as a surprise.
  setTimeout(() => end(), 2 * UNKNOWN_FOR);
  const observer = new MutationObserver(open);
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
}

/** @param {string} text */
function oneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}

ready.then(start, reportError);
