// @ts-check
/**
 * The reader: any page of a bundle, at once.
 *
 * Starts once, from the page's own script. Other rooms get the Reader from seam.js and use what is public here:
 * `pages`, `pageInView`, `goTo`, `frame`, `frames`, `overlay`, `pointAt`, `viewNow`, `on`, `keys`, `panes`,
 * `selection`, `court`, `banner`, `say`, `tell`, `reload`.
 */

import { Contents } from "./contents.js";
import { Bus } from "./events.js";
import { Frame, Pictures, pictureWidth, THUMB } from "./frames.js";
import { Keys } from "./keys.js";
import { clamp, Layout, step } from "./layout.js";
import { keepUp } from "./live.js";
import { NO_LABEL, Pages } from "./model.js";
import { Panes } from "./panes.js";
import { Track } from "./scroll.js";
import { Search } from "./search.js";
import { provide } from "./seam.js";
import { Selection } from "./selection.js";
import { Layer, WordStore } from "./text.js";
import { Thumbs } from "./thumbs.js";
import { byId, element, gettext, interpolate, isolate } from "./words.js";

/** @typedef {import("./model.js").Page} Page */
/** @typedef {import("./model.js").Doc} Doc */
/** @typedef {import("./layout.js").Mode} Mode */
/** @typedef {import("./selection.js").Selected} Selected */

/** @typedef {{x: number, y: number, w: number, h: number}} Region A part of a page, in fractions of it as displayed. */

/**
 * @typedef {object} GoOptions
 * @property {boolean} [push] a step of its own for the browser's back button
 * @property {Region | null} [view] the part of the page to bring into view
 * @property {boolean} [fit] zoom so that `view` fills the window
 * @property {number} [y] how far down the page, as a fraction; not together with `view`
 * @property {boolean} [focus] put the focus on the page, for who goes on from there by keyboard or screen reader
 */

/**
 * @typedef {object} Config What the server says of this reader (reader.py).
 * @property {string} reference
 * @property {string} caseTitle
 * @property {string} bundle slug
 * @property {string} bundleTitle
 * @property {string} page id
 * @property {string} label
 * @property {string} asked
 * @property {boolean} preview one document alone, without labels
 * @property {boolean} resume go on where this person was last
 * @property {string} base address of a page without its label
 * @property {string} manifest
 * @property {string} go
 * @property {string} opened
 * @property {string} api
 * @property {string} csrf
 * @property {{participant: {id?: string, name?: string, role?: string, party?: string | null}, parties: string[], may: string[]}} viewer
 */

/**
 * @typedef {object} Events
 * @property {Page} page another page is in view
 * @property {{page: Page, frame: Frame, overlay: HTMLElement}} draw a page came into the document
 * @property {{page: Page}} drop it went out again
 * @property {{page: Page, layer: Layer}} text the words of a page are there
 * @property {Selected | null} select words are selected, or no more
 * @property {Region & {page: string}} view what is seen changed and now rests
 * @property {undefined} scroll the pages moved or changed size on screen, this moment
 * @property {Pages} pages there is another list of pages
 * @property {Doc} opened a document was opened for the first time
 * @property {{query: string, total: number}} search
 */

const ZOOM = "reader:zoom";
/** Frames are kept this many view heights above and below. */
const AROUND = 2.5;
const MOST_FRAMES = 60;
const OPENED_AFTER = 1000;
/** The width of A4 at 100 %. */
const A4_WIDTH = 793;

/** @extends {Bus<Events & Record<string, any>>} */
export class Reader extends Bus {
  /**
   * @param {Config} config
   * @param {Pages} pages
   */
  constructor(config, pages) {
    super();
    this.config = config;
    /** The list of pages: `length`, `at(index)`, `byId(id)`, `find(label)`, `documents`, `sections`. */
    this.pages = pages;
    /** @type {Page | null} */
    this.pageInView = null;
    /** The element that scrolls. */
    this.view = byId("main-content");
    this.inner = byId("reader-pages");
    this.inner.replaceChildren();
    /** At the right of the bar: Follow, Present. Hidden while it is empty. */
    this.court = byId("reader-court");
    /** Between bar and pages, over the whole width: who is presenting. */
    this.banner = byId("reader-banner");
    /** @type {Map<string, Frame>} */
    this.drawn = new Map();
    /** @type {Frame[]} */
    this.ordered = [];
    /** @type {{mode: Mode, scale: number}} */
    this.zoom = { mode: "width", scale: 1 };
    this.turned = 0;
    this.picture = (/** @type {Page} */ page, /** @type {number} */ width) =>
      `${config.api}/pages/${page.id}/image?width=${width}`;
    this.pictures = new Pictures(this.picture);
    this.words = new WordStore((page) => `${config.api}/pages/${page}/text`);
    this.keys = new Keys();
    /** The pages do not move by a hand just now: the page in view stays what it is. */
    this.sticky = false;
    this.lastTop = 0;
    /** The label that the quiet line is about. */
    this.tellFor = "";
    /** @type {Search | null} */
    this.search = null;
    this.timers = { pictures: 0, text: 0, address: 0, opened: 0, said: 0 };
    /** @type {Set<string>} */
    this.opening = new Set();
    this.size = { width: 0, height: 0 };
    this.remembered();
    this.panes = new Panes(() => this.resized());
    this.layout = this.measure();
    this.track = new Track(this.view, this.inner, () => this.update());
    this.track.resize(this.layout.height);
    this.selection = new Selection(this);
    new ResizeObserver(() => this.resized()).observe(this.view);
    this.bind();
  }

  /** @returns {Layout} */
  measure() {
    const { clientWidth: width, clientHeight: height } = this.view;
    const narrow = this.panes.phone;
    const caption = narrow ? 28 : 34;
    this.size = { width, height };
    this.inner.style.setProperty("--caption", `${caption}px`);
    return new Layout(this.pages, {
      ...this.zoom,
      turn: this.turned,
      width,
      height,
      caption,
      gap: narrow ? 8 : 14,
      margin: narrow ? 0 : 16,
      least: narrow ? 0 : A4_WIDTH,
    });
  }

  // --- where we are -------------------------------------------------------------------------------

  /**
   * The address of a page.
   * @param {Page} page
   */
  href(page) {
    return this.config.base + encodeURIComponent(this.config.preview ? String(page.number) : page.label);
  }

  /**
   * The address of a page of another bundle of this case.
   * @param {string} bundle
   * @param {string} label
   * @param {string} [query]
   */
  bundleHref(bundle, label, query = "") {
    const address = `/cases/${this.config.reference}/${bundle}/${encodeURIComponent(label)}`;
    return query ? `${address}?${new URLSearchParams({ q: query })}` : address;
  }

  /**
   * The frame of a page that is near the view, else null.
   * @param {string} id
   */
  frame(id) {
    return this.drawn.get(id) ?? null;
  }

  /** The frames in the document, in page order. */
  frames() {
    return this.ordered;
  }

  /**
   * Where marks on a page go, placed in per cent; null where the page is not near the view (see event "draw").
   * @param {string} id
   */
  overlay(id) {
    return this.drawn.get(id)?.overlay ?? null;
  }

  /**
   * The page under a point of the window, and where on it, in fractions of the page.
   * @param {number} clientX
   * @param {number} clientY
   * @param {boolean} [nearest] also where the point is beside every page
   * @returns {{page: Page, x: number, y: number} | null}
   */
  pointAt(clientX, clientY, nearest = false) {
    /** @type {{frame: Frame, box: DOMRect} | null} */
    let found = null;
    let least = Infinity;
    for (const frame of this.ordered) {
      const box = frame.sheet.getBoundingClientRect();
      const dy = clientY < box.top ? box.top - clientY : clientY > box.bottom ? clientY - box.bottom : 0;
      const dx = clientX < box.left ? box.left - clientX : clientX > box.right ? clientX - box.right : 0;
      const away = dx + dy;
      if (away < least) {
        least = away;
        found = { frame, box };
      }
    }
    if (!found || (least > 0 && !nearest)) return null;
    const { frame, box } = found;
    const u = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
    const v = Math.min(1, Math.max(0, (clientY - box.top) / box.height));
    const [x, y] = { 0: [u, v], 90: [v, 1 - u], 180: [1 - u, 1 - v], 270: [1 - v, u] }[this.turned] ?? [u, v];
    return { page: frame.page, x, y };
  }

  /** What of the page in view can be seen, for presenting it. @returns {(Region & {page: string}) | null} */
  viewNow() {
    const page = this.pageInView;
    const frame = page && this.drawn.get(page.id);
    if (!page || !frame) return null;
    const box = frame.sheet.getBoundingClientRect();
    const view = this.view.getBoundingClientRect();
    const left = Math.max(box.left, view.left);
    const right = Math.min(box.right, view.left + this.view.clientWidth);
    const top = Math.max(box.top, view.top);
    const bottom = Math.min(box.bottom, view.top + this.view.clientHeight);
    if (right <= left || bottom <= top) return { page: page.id, x: 0, y: 0, w: 1, h: 1 };
    const one = this.pointAt(left, top, true);
    const two = this.pointAt(right, bottom, true);
    if (!one || !two || one.page.id !== page.id || two.page.id !== page.id) return { page: page.id, x: 0, y: 0, w: 1, h: 1 };
    const x = Math.min(one.x, two.x);
    const y = Math.min(one.y, two.y);
    return { page: page.id, x, y, w: Math.abs(two.x - one.x), h: Math.abs(two.y - one.y) };
  }

  // --- going somewhere ----------------------------------------------------------------------------

  /**
   * Go to a page by its id, its label as it stands, its place, or itself. False where there is no such page here.
   * @param {string | number | Page} target
   * @param {GoOptions} [options]
   */
  goTo(target, { push = false, view = null, fit = false, y, focus = false } = {}) {
    const index = this.indexOf(target);
    if (index < 0 || index >= this.pages.length) return false;
    const page = this.pages.at(index);
    if (push) this.remember();
    if (view && fit) this.fitRegion(page, view);
    const sheet = this.layout.sheetAt(index);
    let top = this.layout.top(index);
    let left = (this.widest() - this.size.width) / 2;
    if (view) {
      const box = this.turnedRegion(view);
      const middle = this.layout.settings.caption + (box.y + box.h / 2) * sheet.height;
      // Near its top a page is shown from its top.
      top += Math.max(0, middle - this.size.height * 0.4);
      const wide = Math.max(this.widest(), sheet.width + 2 * this.layout.settings.margin);
      left = (wide - sheet.width) / 2 + (box.x + box.w / 2) * sheet.width - this.size.width / 2;
    } else if (y) {
      top += y * sheet.height;
    }
    this.sticky = true;
    this.pageInView = null;
    this.track.to(top);
    this.inView(page);
    this.view.scrollLeft = Math.max(0, left);
    this.pump(true);
    this.address(push);
    if (focus) this.drawn.get(page.id)?.element.focus({ preventScroll: true });
    if (page.label !== this.tellFor) this.tell("");
    return true;
  }

  /** @param {string | number | Page} target */
  indexOf(target) {
    if (typeof target === "number") return target;
    if (typeof target !== "string") return this.pages.indexOf(target.id);
    const byId = this.pages.indexOf(target);
    if (byId >= 0) return byId;
    if (this.config.preview) return /^\d+$/.test(target.trim()) ? Number(target) - 1 : -1;
    return this.pages.find(target);
  }

  /**
   * Go to what somebody typed: any label, in any form, of now or of an earlier numbering. False where nothing is.
   * @param {string} text
   * @param {GoOptions} [options]
   */
  async goToLabel(text, options = { push: true, focus: true }) {
    if (this.goTo(text, options)) return true;
    if (this.config.preview) return false;
    const answer = await fetch(`${this.config.go}?${new URLSearchParams({ to: text })}`, {
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) return false;
    const { id, label, asked } = await answer.json();
    // Served since the list of pages came.
    if (this.pages.indexOf(id) < 0) await this.reload();
    if (!this.goTo(id, options)) return false;
    if (asked !== label) this.tellMoved(asked, label);
    return true;
  }

  /**
   * @param {string} asked
   * @param {string} label
   */
  tellMoved(asked, label) {
    this.tellFor = label;
    this.tell(interpolate(gettext("%(asked)s is now %(label)s"), { asked, label }));
  }

  /** @param {number} by */
  turnPages(by) {
    if (!this.pageInView) return;
    const index = Math.min(Math.max(this.pageInView.index + by, 0), this.pages.length - 1);
    this.goTo(index);
  }

  /**
   * A region as the view is turned.
   * @param {Region} region
   * @returns {Region}
   */
  turnedRegion({ x, y, w, h }) {
    if (this.turned === 90) return { x: 1 - y - h, y: x, w: h, h: w };
    if (this.turned === 180) return { x: 1 - x - w, y: 1 - y - h, w, h };
    if (this.turned === 270) return { x: y, y: 1 - x - w, w: h, h: w };
    return { x, y, w, h };
  }

  /**
   * Zoom so that a part of a page fills the window.
   * @param {Page} page
   * @param {Region} region
   */
  fitRegion(page, region) {
    const box = this.turnedRegion(region);
    const whole = this.layout.sheet(page.width, page.height);
    const wide = (whole.width / whole.scale) * Math.max(box.w, 0.05);
    const high = (whole.height / whole.scale) * Math.max(box.h, 0.05);
    const scale = Math.min((this.size.width * 0.95) / wide, (this.size.height * 0.95) / high);
    this.zoom = { mode: "scale", scale: clamp(scale) };
    this.relaid();
  }

  // --- zoom and turn ------------------------------------------------------------------------------

  /** The scale of the page in view; 1 is 100 %. */
  get scale() {
    return this.pageInView ? this.layout.sheetAt(this.pageInView.index).scale : this.zoom.scale;
  }

  /**
   * @param {Mode} mode
   * @param {number} [scale] for mode "scale"
   * @param {{x: number, y: number}} [at] point of the window that stays where it is
   */
  setZoom(mode, scale = 1, at) {
    const held = this.hold(at);
    this.zoom = { mode, scale: clamp(scale) };
    try {
      localStorage.setItem(ZOOM, JSON.stringify(this.zoom));
    } catch {
      // The zoom then lasts as long as the page.
    }
    this.relaid();
    this.restore(held);
    this.controls();
  }

  remembered() {
    try {
      const kept = JSON.parse(localStorage.getItem(ZOOM) ?? "null");
      if (kept && ["width", "page", "scale"].includes(kept.mode)) {
        this.zoom = { mode: kept.mode, scale: clamp(Number(kept.scale) || 1) };
      }
    } catch {
      // Nothing remembered.
    }
  }

  turn() {
    const held = this.hold();
    this.turned = (this.turned + 90) % 360;
    this.relaid();
    if (held) {
      this.goTo(held.page.id);
      this.say(interpolate(gettext("View turned to %(degrees)s degrees"), { degrees: this.turned }));
    }
  }

  /**
   * Note what stands where, before everything changes size.
   * @param {{x: number, y: number}} [at]
   */
  hold(at) {
    const page = this.pageInView;
    if (!page || !this.layout) return null;
    const { caption } = this.layout.settings;
    const box = this.view.getBoundingClientRect();
    let index = page.index;
    let y = 0;
    if (at) {
      y = at.y - box.top;
      index = this.layout.indexAt(this.track.top + y);
    } else if (this.layout.top(index) < this.track.top - 1) {
      // In the middle of a page its middle stays; at its beginning, its beginning.
      y = this.size.height / 2;
    } else {
      y = this.layout.top(index) - this.track.top;
    }
    const sheet = this.layout.sheetAt(index);
    const within = this.track.top + y - this.layout.top(index);
    const wide = Math.max(this.widest(), this.size.width);
    const x = at ? at.x - box.left : this.size.width / 2;
    return {
      page,
      index,
      y,
      x,
      // In the caption a place is in pixels, on the sheet a fraction of it.
      inCaption: Math.min(within, caption),
      down: within > caption ? (within - caption) / sheet.height : 0,
      across: (this.view.scrollLeft + x - (wide - sheet.width) / 2) / sheet.width,
    };
  }

  /** @param {ReturnType<Reader["hold"]>} held */
  restore(held) {
    if (!held) return;
    const sheet = this.layout.sheetAt(held.index);
    this.sticky = true;
    this.track.to(this.layout.top(held.index) + held.inCaption + held.down * sheet.height - held.y);
    if (!this.isSeen(held.page)) this.sticky = false;
    else this.inView(held.page);
    const wide = Math.max(this.widest(), this.size.width);
    this.view.scrollLeft = Math.max(0, (wide - sheet.width) / 2 + held.across * sheet.width - held.x);
    this.pump(true);
    this.emit("scroll", undefined);
  }

  relaid() {
    this.layout = this.measure();
    this.track.resize(this.layout.height);
  }

  resized() {
    if (!this.track) return;
    const { clientWidth: width, clientHeight: height } = this.view;
    if (width === this.size.width && height === this.size.height) return;
    const held = this.hold();
    this.relaid();
    this.restore(held);
    this.controls();
  }

  /** @param {Page} page */
  isSeen(page) {
    const top = this.layout.top(page.index);
    const bottom = top + this.layout.sheetAt(page.index).height + this.layout.settings.caption;
    return bottom > this.track.top + 1 && top < this.track.top + this.size.height - 1;
  }

  /** How wide everything near the view is. */
  widest() {
    let widest = 0;
    for (const frame of this.ordered) widest = Math.max(widest, frame.sheetSize.width);
    return widest ? widest + 2 * this.layout.settings.margin : this.size.width;
  }

  // --- drawing ------------------------------------------------------------------------------------

  /** Bring the document up to where the view is. */
  update() {
    const { track, layout, pages } = this;
    if (!pages.length) return;
    const high = this.size.height;
    let first = layout.indexAt(Math.max(0, track.top - AROUND * high));
    let last = layout.indexAt(track.top + (1 + AROUND) * high);
    const seen = layout.indexAt(track.top);
    first = Math.max(first, seen - MOST_FRAMES / 2);
    last = Math.min(last, first + MOST_FRAMES);
    const pinned = new Set(this.selection?.pinned() ?? []);
    for (const [id, frame] of this.drawn) {
      const { index } = frame.page;
      if ((index >= first && index <= last) || pinned.has(id)) continue;
      if (frame.element.contains(document.activeElement)) this.view.focus({ preventScroll: true });
      frame.drop();
      this.drawn.delete(id);
      this.emit("drop", { page: frame.page });
    }
    /** @type {Frame[]} */
    const fresh = [];
    for (let index = first; index <= last; index += 1) {
      const doc = pages.documentAt(index);
      if (this.drawn.has(`${doc.version}-${index - doc.at + 1}`)) continue;
      const page = pages.at(index);
      const frame = new Frame(page, this.href(page));
      this.drawn.set(page.id, frame);
      fresh.push(frame);
    }
    if (fresh.length || this.ordered.length !== this.drawn.size) {
      this.ordered = [...this.drawn.values()].sort((a, b) => a.page.index - b.page.index);
      // From the end, so that each knows what it stands before: reading order is document order.
      let next = null;
      for (const frame of [...this.ordered].reverse()) {
        if (!frame.element.isConnected) this.inner.insertBefore(frame.element, next);
        next = frame.element;
      }
    }
    let widest = 0;
    for (const frame of this.ordered) {
      const sheet = layout.sheetAt(frame.page.index);
      widest = Math.max(widest, sheet.width);
      frame.place(layout.top(frame.page.index) - track.offset, sheet, this.turned);
    }
    const wide = widest + 2 * layout.settings.margin;
    this.inner.style.width = wide > this.size.width ? `${wide}px` : "";
    for (const frame of fresh) this.emit("draw", { page: frame.page, frame, overlay: frame.overlay });

    const page = this.seenMost();
    if (page) this.inView(page);
    this.sticky = false;
    const moved = Math.abs(track.top - this.lastTop);
    this.lastTop = track.top;
    // Who races through a thousand pages wants none of their pictures.
    this.pump(moved < high);
    this.emit("scroll", undefined);
  }

  /** The page that is mostly seen; while nobody scrolls, the one that was. */
  seenMost() {
    const { track, layout, pageInView } = this;
    if (this.sticky && pageInView && this.isSeen(pageInView)) return pageInView;
    const end = track.top + this.size.height;
    /** @type {Page | null} */
    let best = null;
    let most = 0;
    for (const frame of this.ordered) {
      const top = layout.top(frame.page.index);
      const { height } = frame.sheetSize;
      const bottom = top + layout.settings.caption + height;
      const part = Math.min(bottom, end) - Math.max(top, track.top);
      if (part <= 0) continue;
      if (part >= 0.5 * Math.min(bottom - top, this.size.height)) return frame.page;
      if (part > most) {
        most = part;
        best = frame.page;
      }
    }
    return best;
  }

  /** @param {Page} page */
  inView(page) {
    if (this.pageInView?.id === page.id && this.pageInView.label === page.label) {
      this.pageInView = page;
      return;
    }
    this.pageInView = page;
    for (const frame of this.ordered) frame.element.classList.toggle("page--in-view", frame.page.id === page.id);
    this.controls();
    this.emit("page", page);
    clearTimeout(this.timers.address);
    this.timers.address = window.setTimeout(() => this.address(false), 300);
    clearTimeout(this.timers.said);
    this.timers.said = window.setTimeout(() => this.announce(), 700);
    clearTimeout(this.timers.opened);
    this.timers.opened = window.setTimeout(() => void this.openedNow(), OPENED_AFTER);
  }

  /**
   * Ask for pictures and words of what is near.
   * @param {boolean} now
   */
  pump(now) {
    clearTimeout(this.timers.pictures);
    if (now) this.fetchPictures();
    else this.timers.pictures = window.setTimeout(() => this.fetchPictures(), 70);
    clearTimeout(this.timers.text);
    this.timers.text = window.setTimeout(() => void this.fetchWords(), 90);
  }

  fetchPictures() {
    const { track, layout } = this;
    const high = this.size.height;
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    /** @type {import("./frames.js").Wish[]} */
    const wishes = [];
    for (const frame of this.ordered) {
      const top = layout.top(frame.page.index);
      const bottom = top + frame.sheetSize.height;
      const away = Math.max(0, top - track.top - high, track.top - bottom);
      const width = pictureWidth(frame.upright.width * ratio);
      // What comes next is more likely wanted than what was.
      const rank = away + (top < track.top ? 0.25 * high : 0);
      if (away === 0) {
        wishes.push({ frame, width, rank, seen: true });
        if (!frame.shown && width > THUMB) wishes.push({ frame, width: THUMB, rank: rank + 0.5, seen: true });
      } else if (away <= 1.2 * high) {
        wishes.push({ frame, width, rank: rank + high });
      } else {
        if (away > 1.8 * high) frame.shrink();
        wishes.push({ frame, width: THUMB, rank: rank + 3 * high });
      }
    }
    this.pictures.want(wishes);
  }

  async fetchWords() {
    const { track, layout } = this;
    const high = this.size.height;
    // However tall pages are: who is read to goes on into the next one.
    const next = (this.pageInView?.index ?? -2) + 1;
    await Promise.all(
      this.ordered.map(async (frame) => {
        if (frame.layer) return;
        const top = layout.top(frame.page.index);
        const near = top <= track.top + 1.2 * high && top + frame.sheetSize.height >= track.top - 0.2 * high;
        if (!near && frame.page.index !== next) return;
        try {
          const words = await this.words.get(frame.page.id);
          if (frame.dropped || frame.layer) return;
          frame.layer = new Layer(frame, words);
          this.emit("text", { page: frame.page, layer: frame.layer });
        } catch {
          // The picture is there to be read; the words are asked for again when the page next comes into view.
        }
      }),
    );
    const view = this.viewNow();
    if (view) this.emit("view", view);
  }

  // --- what the window says -----------------------------------------------------------------------

  controls() {
    const page = this.pageInView;
    byId("reader-scale").textContent = `${Math.round(this.scale * 100)} %`;
    for (const [id, mode] of [["fit-width", "width"], ["fit-page", "page"]]) {
      for (const button of document.querySelectorAll(`[data-command="${id}"]`)) {
        button.setAttribute("aria-pressed", String(this.zoom.mode === mode));
      }
    }
    if (!page) return;
    const where = byId("reader-where");
    const label = where.querySelector(".reader-where__label");
    const title = where.querySelector(".reader-where__title");
    const number = where.querySelector(".reader-where__page");
    if (label) label.textContent = page.label;
    if (title) {
      title.textContent = page.document.title;
      // Where the bar has no room for all of it.
      title.setAttribute("title", page.document.title);
    }
    if (number) {
      number.textContent = interpolate(gettext("%(number)s of %(pages)s"), {
        number: page.number,
        pages: page.document.pages,
      });
    }
    const suffix = ` – ${this.config.reference} – casebundle`;
    const label_ = page.label === NO_LABEL ? String(page.number) : page.label;
    document.title = `${label_} – ${isolate(page.document.title)}${suffix}`;
  }

  announce() {
    const page = this.pageInView;
    // Who selects words by key hears these, and has heard of the page before.
    if (!page || this.selection.byKey) return;
    // Before it is served it has no label, and a dash says nothing.
    const label = page.label === NO_LABEL ? String(page.number) : page.label;
    this.say(interpolate(gettext("Page %(label)s, %(title)s"), { label, title: page.document.title }));
  }

  /**
   * Say something to who listens.
   * @param {string} text
   */
  say(text) {
    byId("reader-live").textContent = text;
  }

  /**
   * Say something in a quiet line over the pages; "" takes it away.
   * @param {string} text
   */
  tell(text) {
    if (!text) this.tellFor = "";
    byId("reader-said").textContent = text;
  }

  // --- the browser's history ----------------------------------------------------------------------

  state() {
    const page = this.pageInView;
    if (!page) return null;
    const down = (this.track.top - this.layout.top(page.index)) / this.layout.sheetAt(page.index).height;
    return { page: page.id, y: Math.round(Math.max(0, down) * 1000) / 1000 };
  }

  /** Put where we are into the step that the history is at. */
  remember() {
    clearTimeout(this.timers.address);
    const page = this.pageInView;
    if (page) history.replaceState(this.state(), "", this.href(page) + location.search);
  }

  /** @param {boolean} push */
  address(push) {
    clearTimeout(this.timers.address);
    const page = this.pageInView;
    if (!page) return;
    const href = this.href(page) + (push ? "" : location.search);
    try {
      if (push) history.pushState(this.state(), "", href);
      else history.replaceState(this.state(), "", href);
    } catch {
      // Browsers refuse more than so many a minute.
    }
    try {
      localStorage.setItem(this.placeKey, page.id);
    } catch {
      // Then reading goes on where the server remembers.
    }
  }

  get placeKey() {
    return `reader:at:${this.config.viewer.participant.id ?? ""}:${this.config.reference}/${this.config.bundle}`;
  }

  /** @param {PopStateEvent} event */
  popped(event) {
    const state = event.state;
    if (state?.page && this.goTo(state.page, { y: state.y })) return;
    const label = decodeURIComponent(location.pathname.slice(this.config.base.length));
    void this.goToLabel(label, {});
  }

  async openedNow() {
    const page = this.pageInView;
    if (!page || this.config.preview || document.visibilityState !== "visible") return;
    const doc = page.document;
    if (!doc.unread || this.opening.has(doc.version)) return;
    this.opening.add(doc.version);
    try {
      const answer = await fetch(this.config.opened, {
        method: "POST",
        headers: { "X-CSRFToken": this.config.csrf },
        body: new URLSearchParams({ page: page.id }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      doc.unread = false;
      this.emit("opened", doc);
    } catch {
      this.opening.delete(doc.version);
    }
  }

  // --- the list of pages --------------------------------------------------------------------------

  /** Fetch the list of pages again and stay where we are. */
  async reload() {
    const manifest = await fetchPages(this.config.manifest);
    const held = this.hold();
    this.pages = new Pages(manifest);
    for (const [id, frame] of [...this.drawn]) {
      const page = this.pages.byId(id);
      if (page && page.label === frame.page.label && page.document.title === frame.page.document.title) {
        frame.page = page;
      } else {
        frame.drop();
        this.drawn.delete(id);
        this.emit("drop", { page: frame.page });
      }
    }
    this.ordered = [...this.drawn.values()].sort((a, b) => a.page.index - b.page.index);
    this.pageInView = null;
    this.relaid();
    if (held && this.pages.length) {
      const index = this.pages.indexOf(held.page.id);
      if (index >= 0) {
        this.pageInView = this.pages.at(index);
        this.restore({ ...held, index, page: this.pageInView });
        this.controls();
      } else {
        this.goTo(Math.min(held.index, this.pages.length - 1));
      }
      this.address(false);
    }
    this.emit("pages", this.pages);
  }

  // --- keys and buttons ---------------------------------------------------------------------------

  bind() {
    const { keys } = this;
    const pages = gettext("Pages");
    const view = gettext("View");
    const find = gettext("Find");
    const wide = () => this.view.scrollWidth > this.view.clientWidth + 1;
    const screen = (/** @type {number} */ by) => this.view.scrollBy(0, by * this.size.height * 0.9);
    const zoom = (/** @type {1 | -1} */ by) => this.setZoom("scale", step(this.scale, by));

    keys.add({ id: "next-page", key: ["j", "ArrowDown", "ArrowRight"], label: gettext("Next page"), group: pages, run: () => this.turnPages(1) });
    keys.add({ id: "previous-page", key: ["k", "ArrowUp", "ArrowLeft"], label: gettext("Previous page"), group: pages, run: () => this.turnPages(-1) });
    keys.add({ id: "screen-down", key: ["PageDown", " "], label: gettext("A screen on"), group: pages, run: () => screen(1) });
    keys.add({ id: "screen-up", key: "PageUp", label: gettext("A screen back"), group: pages, run: () => screen(-1) });
    keys.add({ id: "first-page", key: "Home", label: gettext("First page"), group: pages, run: () => void this.goTo(0, { push: true }) });
    keys.add({ id: "last-page", key: "End", label: gettext("Last page"), group: pages, run: () => void this.goTo(this.pages.length - 1, { push: true }) });
    keys.add({ id: "go", key: "g", label: gettext("Go to a page by its label"), group: find, run: () => this.openGo() });
    keys.add({ id: "search", key: "/", label: gettext("Search this case"), group: find, run: () => this.search?.open() });
    keys.add({ id: "next-hit", key: "n", label: gettext("Next hit"), group: find, run: () => void this.search?.step(1) });
    keys.add({ id: "previous-hit", key: "N", label: gettext("Previous hit"), group: find, run: () => void this.search?.step(-1) });
    keys.add({ id: "left", key: "[", label: gettext("Contents, thumbnails and search"), group: view, run: () => this.panes.toggle("left") });
    keys.add({ id: "right", key: "]", label: gettext("The pane at the right"), group: view, run: () => this.panes.toggle("right"), when: () => this.panes.claimed });
    keys.add({ id: "zoom-in", key: ["+", "="], label: gettext("Larger"), group: view, run: () => zoom(1) });
    keys.add({ id: "zoom-out", key: "-", label: gettext("Smaller"), group: view, run: () => zoom(-1) });
    keys.add({ id: "zoom-actual", key: "0", label: gettext("Actual size, 100 %"), group: view, run: () => this.setZoom("scale", 1) });
    keys.add({ id: "fit-width", key: "w", label: gettext("Fit width"), group: view, run: () => this.setZoom("width") });
    keys.add({ id: "fit-page", key: "e", label: gettext("Fit page"), group: view, run: () => this.setZoom("page") });
    keys.add({ id: "turn", key: "r", label: gettext("Turn the view"), group: view, run: () => this.turn() });
    keys.add({ id: "select", key: "s", label: gettext("Select words by key: arrows move, Shift takes more"), group: gettext("Selected words"), run: () => this.selection.begin() });
    keys.add({ id: "cite", key: "c", label: gettext("Copy the selected words with their citation"), group: gettext("Selected words"), when: () => Boolean(this.selection.now), run: () => void (this.selection.now && this.selection.copy(this.selection.now.citation)) });
    keys.add({ id: "help", key: "?", label: gettext("All keys"), group: gettext("Help"), run: () => keys.help() });
    keys.add({ id: "escape", key: "Escape", label: "", hidden: true, when: () => Boolean(this.selection.now), run: () => this.selection.clear() });

    // A page that is wider than the window is moved about with the arrows.
    document.addEventListener("keydown", (event) => {
      if (!event.key.startsWith("Arrow") || event.defaultPrevented || !wide()) return;
      if (document.activeElement !== document.body && !this.view.contains(document.activeElement)) return;
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      if (document.querySelector("dialog[open]")) return;
      const [x, y] = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] })[event.key];
      event.preventDefault();
      this.view.scrollBy(x, y);
    }, { capture: true });

    this.view.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.setZoom("scale", this.scale * Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY });
    }, { passive: false });

    // A label anywhere in the window is a link; a plain click stays in this reader.
    document.addEventListener("click", (event) => {
      if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || link.target || link.origin !== location.origin) return;
      if (!link.pathname.startsWith(this.config.base) || link.search) return;
      const label = decodeURIComponent(link.pathname.slice(this.config.base.length));
      if (!label || label.includes("/")) return;
      if (this.goTo(label, { push: true })) {
        event.preventDefault();
        this.panes.done();
      }
    });

    const form = /** @type {HTMLFormElement} */ (byId("reader-go"));
    const box = /** @type {HTMLInputElement} */ (byId("reader-go-box"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.goTyped(box);
    });
    box.addEventListener("input", () => this.goSaid(""));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.goSaid("");
      box.value = "";
      this.closeGo();
      this.view.focus({ preventScroll: true });
    });
    box.addEventListener("blur", () => {
      if (!box.value) this.goSaid("");
      // The Go button is beside it and must not vanish under the finger.
      setTimeout(() => {
        if (!form.contains(document.activeElement)) this.closeGo();
      }, 200);
    });

    const menu = byId("reader-view");
    const opener = byId("reader-view-button");
    const open = (/** @type {boolean} */ yes) => {
      opener.setAttribute("aria-expanded", String(yes));
      menu.classList.toggle("reader-view--open", yes);
    };
    opener.addEventListener("click", () => open(opener.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("pointerdown", (event) => {
      if (event.target instanceof Node && !menu.contains(event.target) && !opener.contains(event.target)) open(false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || opener.getAttribute("aria-expanded") !== "true") return;
      open(false);
      opener.focus();
      event.preventDefault();
    }, { capture: true });

    addEventListener("popstate", (event) => this.popped(event));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.openedNow();
    });
    addEventListener("pagehide", () => this.remember());
    window.matchMedia("(resolution: 1dppx)").addEventListener("change", () => this.pump(true));
  }

  openGo() {
    const form = byId("reader-go");
    form.classList.add("reader-go--open");
    const box = /** @type {HTMLInputElement} */ (byId("reader-go-box"));
    box.focus();
    box.select();
  }

  closeGo() {
    byId("reader-go").classList.remove("reader-go--open");
  }

  /** @param {string} text */
  goSaid(text) {
    const said = byId("reader-go-said");
    said.textContent = text;
    said.hidden = !text;
    byId("reader-go-box").toggleAttribute("aria-invalid", Boolean(text));
    if (text) byId("reader-go-box").setAttribute("aria-invalid", "true");
  }

  /** @param {HTMLInputElement} box */
  async goTyped(box) {
    const text = box.value.trim();
    if (!text) {
      this.goSaid(gettext("Type the label of a page, like B12."));
      return;
    }
    try {
      if (await this.goToLabel(text)) {
        box.value = "";
        this.goSaid("");
        this.closeGo();
        return;
      }
      this.goSaid(interpolate(gettext("There is no page “%(label)s” here that you can open."), { label: text }));
    } catch {
      this.goSaid(gettext("The server does not answer just now. Try again in a moment."));
    }
    box.select();
  }
}

/**
 * @param {string} address
 * @returns {Promise<import("./model.js").Manifest>}
 */
async function fetchPages(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

/** @param {Config} config */
async function start(config) {
  const pages = new Pages(await fetchPages(config.manifest));
  const reader = new Reader(config, pages);
  new Contents(reader);
  new Thumbs(reader);
  const search = (reader.search = new Search(reader));

  let target = config.page;
  if (config.resume) {
    try {
      const kept = localStorage.getItem(reader.placeKey);
      if (kept && pages.indexOf(kept) >= 0) target = kept;
    } catch {
      // Then where the server remembers.
    }
  }
  const state = history.state;
  const y = state?.page === target ? state.y : undefined;
  if (!reader.goTo(target, { y }) && pages.length) reader.goTo(0);
  if (config.asked !== config.label) reader.tellMoved(config.asked, config.label);
  reader.controls();
  const query = new URLSearchParams(location.search).get("q");
  if (query) {
    reader.panes.show("left", "search");
    await search.find(query);
    const hit = search.hits.findIndex((one) => one.page === target);
    if (hit >= 0) search.go(hit);
  }
  document.documentElement.dataset.reader = "ready";
  provide(reader);
  if (!config.preview) keepUp(reader);
}

const config = /** @type {Config} */ (JSON.parse(byId("reader-config").textContent ?? "{}"));
start(config).catch((error) => {
  reportError(error);
  const box = element("div", "reader-failed");
  box.append(element("p", "", gettext("The list of pages could not be fetched.")));
  const button = element("button", "reader-small-button", gettext("Try again"));
  button.type = "button";
  button.addEventListener("click", () => location.reload());
  box.append(button);
  byId("reader-pages").append(box);
});
