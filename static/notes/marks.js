// @ts-check
/** Notes over the pages: boxes on the words, and at the right edge of the page a button for each note. */

import { element, gettext, interpolate } from "../reader/words.js";
import { around, initials, topOf } from "./model.js";

/** @typedef {import("./model.js").Note} Note */
/** @typedef {import("./model.js").Box} Box */
/** @typedef {import("../reader/reader.js").Reader} Reader */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./audience.js").Audiences} Audiences */

const BUTTON = 26; // pixels that a button takes, with the gap after it
const BESIDE = 3; // buttons beside each other at most
const NARROW = 600; // pixels: on a page as wide as a phone they stand in one column, in its margin

/**
 * What sort of thing a note is, at the beginning of its name.
 * @param {Note} note
 */
export function kindOf(note) {
  if (note.kind === "highlight") return gettext("Highlight");
  return note.kind === "area" ? gettext("Marked area") : gettext("Note");
}

export class Marks {
  /**
   * @param {Reader} reader
   * @param {Store} store
   * @param {Audiences} audiences
   * @param {(id: string) => void} open somebody pressed a mark
   */
  constructor(reader, store, audiences, open) {
    this.reader = reader;
    this.store = store;
    this.audiences = audiences;
    this.open = open;
    /** @type {string | null} */
    this.active = null;
    /** The place of the note that is being written. @type {{page: string, quads: Box[]} | null} */
    this.draft = null;
    /** @type {WeakMap<HTMLElement, string>} */
    this.drawn = new WeakMap();
    this.turned = reader.turned;
    this.scale = reader.scale;
    reader.on("draw", ({ page }) => this.draw(page.id));
    reader.on("scroll", () => {
      // How many buttons fit beside each other changes with the size of the page.
      if (this.turned === reader.turned && this.scale === reader.scale) return;
      this.turned = reader.turned;
      this.scale = reader.scale;
      for (const frame of reader.frames()) this.draw(frame.page.id);
    });
    store.on("page", (page) => this.draw(page));
    reader.view.addEventListener("click", (event) => this.clicked(event));
    // A word that is pressed twice is selected, not opened.
    reader.view.addEventListener("dblclick", () => clearTimeout(this.waiting));
    this.waiting = 0;
  }

  /** @param {string} page */
  draw(page) {
    const overlay = this.reader.overlay(page);
    if (!overlay) return;
    const notes = this.store.of(page);
    const draft = this.draft?.page === page ? this.draft : null;
    const { width, height } = this.reader.frame(page)?.upright ?? { width: 700, height: 1000 };
    const said = JSON.stringify([notes, draft, this.turned, Math.round(height)]);
    let layer = /** @type {HTMLElement | null} */ (overlay.querySelector(":scope > .notes-layer"));
    if (layer && this.drawn.get(layer) === said) return;
    if (!layer) {
      layer = element("div", "notes-layer");
      overlay.append(layer);
    }
    this.drawn.set(layer, said);
    const focused = layer.contains(document.activeElement) ? document.activeElement?.getAttribute("data-note") : null;
    layer.replaceChildren();
    layer.dataset.turn = String(this.turned);
    for (const note of notes) layer.append(...this.boxes(note));
    for (const quad of draft?.quads ?? []) layer.append(this.box(quad, "note-mark note-mark--draft"));
    this.buttons(layer, notes, height, width < NARROW ? 1 : BESIDE);
    this.light(layer);
    if (focused) /** @type {HTMLElement | null} */ (layer.querySelector(`button[data-note="${focused}"]`))?.focus();
  }

  /**
   * @param {Box} quad
   * @param {string} className
   */
  box([x0, y0, x1, y1], className) {
    const box = element("div", className);
    box.style.left = `${x0 * 100}%`;
    box.style.top = `${y0 * 100}%`;
    box.style.width = `${(x1 - x0) * 100}%`;
    box.style.height = `${(y1 - y0) * 100}%`;
    return box;
  }

  /** @param {Note} note */
  boxes(note) {
    return note.quads.map((quad) => {
      const box = this.box(quad, `note-mark note-mark--${note.kind}`);
      box.dataset.note = note.id;
      box.dataset.side = this.audiences.side(note.author);
      box.dataset.reach = note.audience;
      box.dataset.state = note.state ?? "saved";
      return box;
    });
  }

  /**
   * @param {HTMLElement} layer
   * @param {Note[]} notes
   * @param {number} height of the page on screen
   * @param {number} most buttons beside each other
   */
  buttons(layer, notes, height, most) {
    let top = -Infinity;
    let beside = 0;
    for (const note of notes) {
      const at = Math.min(topOf(note) * height, height - BUTTON);
      if (at - top < BUTTON) {
        beside += 1;
        if (beside === most) {
          beside = 0;
          top += BUTTON;
        }
      } else {
        beside = 0;
        top = Math.max(0, at);
      }
      const button = element("button", "note-button", initials(note.author.name));
      button.type = "button";
      button.dataset.note = note.id;
      button.dataset.side = this.audiences.side(note.author);
      button.dataset.reach = note.audience;
      button.dataset.state = note.state ?? "saved";
      button.style.top = `${(top / height) * 100}%`;
      button.style.right = `${2 + beside * BUTTON}px`;
      button.setAttribute("aria-label", this.name(note));
      button.addEventListener("click", () => this.open(note.id));
      layer.append(button);
    }
  }

  /** @param {Note} note */
  name(note) {
    const text = note.body || note.quote.exact || "";
    return interpolate(gettext("%(initials)s: %(kind)s by %(name)s, seen by %(who)s: %(text)s"), {
      kind: kindOf(note),
      initials: initials(note.author.name),
      name: note.mine ? gettext("me") : note.author.name,
      who: this.audiences.of(note),
      text: text.length > 80 ? `${text.slice(0, 79)}…` : text,
    });
  }

  /**
   * Show which note is meant, on its page.
   * @param {string | null} id
   */
  activate(id) {
    this.active = id;
    for (const layer of this.reader.inner.querySelectorAll(".notes-layer")) this.light(/** @type {HTMLElement} */ (layer));
  }

  /** @param {HTMLElement} layer */
  light(layer) {
    for (const one of layer.querySelectorAll("[data-note]")) {
      one.classList.toggle("is-active", one.getAttribute("data-note") === this.active);
    }
  }

  /**
   * Where a note that is being written will stand.
   * @param {{page: string, quads: Box[]} | null} draft
   */
  propose(draft) {
    const before = this.draft?.page;
    this.draft = draft;
    if (before) this.draw(before);
    if (draft) this.draw(draft.page);
  }

  /**
   * Bring a note's place into view, and the keyboard to it.
   * @param {Note} note
   */
  show(note) {
    const page = this.reader.pages.byId(note.page);
    if (!page) return;
    this.reader.panes.done();
    this.activate(note.id);
    if (!this.isSeen(note)) this.reader.goTo(note.page, { push: true, view: note.quads.length ? around(note.quads) : null });
    const button = this.button(note.id);
    (button ?? this.reader.view).focus({ preventScroll: true });
  }

  /** @param {string} id */
  button(id) {
    return /** @type {HTMLElement | null} */ (this.reader.inner.querySelector(`.note-button[data-note="${id}"]`));
  }

  /** @param {Note} note */
  isSeen(note) {
    const button = this.button(note.id);
    if (!button) return false;
    const box = button.getBoundingClientRect();
    const view = this.reader.view.getBoundingClientRect();
    return box.top >= view.top && box.bottom <= view.bottom && box.left >= view.left && box.right <= view.right;
  }

  /**
   * The note whose words or area are at a point; the smallest where several are.
   * @param {number} clientX
   * @param {number} clientY
   */
  at(clientX, clientY) {
    const point = this.reader.pointAt(clientX, clientY);
    if (!point) return null;
    /** @type {Note | null} */
    let found = null;
    let least = Infinity;
    for (const note of this.store.of(point.page.id)) {
      for (const [x0, y0, x1, y1] of note.quads) {
        const size = (x1 - x0) * (y1 - y0);
        if (point.x >= x0 && point.x <= x1 && point.y >= y0 && point.y <= y1 && size < least) {
          least = size;
          found = note;
        }
      }
    }
    return found;
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    if (event.defaultPrevented || event.button || event.detail > 1 || hiddenNow()) return;
    if (!(event.target instanceof Element) || event.target.closest("a, button, input, textarea")) return;
    if (document.getSelection()?.isCollapsed === false) return;
    const note = this.at(event.clientX, event.clientY);
    if (!note) return;
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.open(note.id), 250);
  }
}

/** Whether notes are hidden, because who presents may be showing this very screen to others. */
export function hiddenNow() {
  const { classList } = document.body;
  if (classList.contains("notes-waiting")) return true;
  return classList.contains("is-presenting") && !classList.contains("show-notes");
}
