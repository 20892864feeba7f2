// @ts-check
/** Thumbnails of every page; only those in sight are in the document. */

import { Pictures, THUMB } from "./frames.js";
import { byId, element, gettext, interpolate } from "./words.js";

/** @typedef {import("./model.js").Page} Page */
/** @typedef {import("./reader.js").Reader} Reader */

const CELL = 184;
const COLUMN = 124;
const PICTURE = { width: 104, height: 138 };

/** One thumbnail; a picture is fetched into it as into a page's frame. */
class Thumb {
  /**
   * @param {Page} page
   * @param {string} href
   */
  constructor(page, href) {
    this.page = page;
    this.dropped = false;
    this.shown = 0;
    this.tries = 0;
    this.failedAt = 0;
    this.never = Infinity;
    this.laterAt = 0;
    this.laters = 0;
    this.element = element("a", "reader-thumb");
    this.element.href = href;
    this.element.dataset.thumb = String(page.index);
    this.element.setAttribute("aria-label", interpolate(gettext("Page %(label)s"), { label: page.label }));
    this.paper = element("span", "reader-thumb__paper");
    const fit = Math.min(PICTURE.width / page.width, PICTURE.height / page.height);
    this.paper.style.width = `${Math.max(8, Math.round(page.width * fit))}px`;
    this.paper.style.height = `${Math.max(8, Math.round(page.height * fit))}px`;
    this.element.append(this.paper, element("span", "reader-thumb__label", page.label));
  }

  /**
   * @param {HTMLImageElement} image
   * @param {number} width
   */
  show(image, width) {
    if (this.dropped) return;
    image.alt = "";
    image.className = "reader-thumb__image";
    image.draggable = false;
    this.paper.replaceChildren(image);
    this.shown = width;
  }

  // Its label is there, and the page itself says what is wrong.
  fail() {}

  late() {}

  cannot() {}
}

export class Thumbs {
  /** @param {Reader} reader */
  constructor(reader) {
    this.reader = reader;
    this.view = byId("reader-thumbs");
    this.inner = element("div", "reader-thumbs__inner");
    this.view.append(this.inner);
    /** @type {Map<number, Thumb>} */
    this.cells = new Map();
    this.pictures = new Pictures(reader.picture);
    this.waiting = 0;
    this.seen = false;
    this.view.addEventListener("scroll", () => this.update(), { passive: true });
    reader.panes.shown.push((tab) => {
      if (tab !== "thumbs") return;
      this.update();
      this.follow();
    });
    reader.on("page", () => {
      this.follow();
      this.mark();
    });
    reader.on("pages", () => {
      for (const index of [...this.cells.keys()]) this.drop(index);
      this.update();
    });
  }

  get columns() {
    return Math.max(1, Math.floor((this.view.clientWidth - 8) / COLUMN));
  }

  update() {
    if (!this.view.offsetParent) {
      for (const index of [...this.cells.keys()]) this.drop(index);
      this.pictures.want([]);
      return;
    }
    const { columns } = this;
    const { length } = this.reader.pages;
    this.inner.style.height = `${Math.ceil(length / columns) * CELL}px`;
    const top = this.view.scrollTop;
    const first = Math.max(0, Math.floor(top / CELL) - 2) * columns;
    const last = Math.min(length, (Math.ceil((top + this.view.clientHeight) / CELL) + 2) * columns);
    const within = this.cells.size && document.activeElement?.closest(".reader-thumb");
    for (const index of [...this.cells.keys()]) if (index < first || index >= last) this.drop(index);
    for (let index = first; index < last; index += 1) {
      let cell = this.cells.get(index);
      if (!cell) {
        const page = this.reader.pages.at(index);
        cell = new Thumb(page, this.reader.href(page));
        this.cells.set(index, cell);
        const next = [...this.inner.children].find((one) => Number(/** @type {HTMLElement} */ (one).dataset.thumb) > index);
        this.inner.insertBefore(cell.element, next ?? null);
      }
      cell.element.style.top = `${Math.floor(index / columns) * CELL}px`;
      cell.element.style.left = `${4 + (index % columns) * COLUMN}px`;
    }
    if (within && !within.isConnected) this.view.focus({ preventScroll: true });
    this.mark();
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => {
      const middle = (first + last) / 2;
      this.pictures.want(
        [...this.cells].map(([index, cell]) => ({
          frame: /** @type {any} */ (cell),
          width: THUMB,
          rank: Math.abs(index - middle),
        })),
      );
    }, this.seen ? 60 : 0);
    this.seen = true;
  }

  /** @param {number} index */
  drop(index) {
    const cell = this.cells.get(index);
    if (!cell) return;
    cell.dropped = true;
    cell.element.remove();
    this.cells.delete(index);
  }

  mark() {
    const now = this.reader.pageInView?.index;
    for (const [index, cell] of this.cells) {
      if (index === now) cell.element.setAttribute("aria-current", "page");
      else cell.element.removeAttribute("aria-current");
    }
  }

  /** Bring the page in view into the pane. */
  follow() {
    const page = this.reader.pageInView;
    if (!page || !this.view.offsetParent) return;
    const top = Math.floor(page.index / this.columns) * CELL;
    const { scrollTop, clientHeight } = this.view;
    if (top < scrollTop || top + CELL > scrollTop + clientHeight) {
      this.view.scrollTop = Math.max(0, top - (clientHeight - CELL) / 2);
      this.update();
    }
  }
}
