// @ts-check
/** Marking an area: a box is dragged over a page, or the whole page is marked by a button. */

import { element, gettext, interpolate } from "../reader/words.js";
import { rounded } from "./model.js";

/** @typedef {import("./model.js").Box} Box */
/** @typedef {import("../reader/reader.js").Reader} Reader */

/** What is smaller was a click, in CSS pixels. */
const LEAST = 6;

export class AreaMode {
  /**
   * @param {Reader} reader
   * @param {(page: string, quads: Box[]) => void} drawing while it is dragged
   * @param {(page: string, quads: Box[]) => void} done
   * @param {() => void} ended without an area
   */
  constructor(reader, drawing, done, ended) {
    this.reader = reader;
    this.drawing = drawing;
    this.done = done;
    this.ended = ended;
    this.on = false;
    /** @type {{page: string, x: number, y: number, clientX: number, clientY: number, pointer: number} | null} */
    this.from = null;

    this.bar = element("div", "notes-area");
    this.bar.setAttribute("role", "group");
    this.bar.setAttribute("aria-label", gettext("Mark an area"));
    this.bar.hidden = true;
    this.said = element("p", "notes-area__said", gettext("Drag a box over the page."));
    this.whole = element("button", "reader-small-button");
    this.whole.type = "button";
    this.whole.addEventListener("click", () => this.markWhole());
    const stop = element("button", "reader-small-button", gettext("Stop"));
    stop.type = "button";
    stop.addEventListener("click", () => this.stop());
    this.bar.append(this.said, this.whole, stop);
    reader.banner.after(this.bar);

    const view = reader.view;
    // Before the reader's own, which would begin to select words.
    view.addEventListener("pointerdown", (event) => this.pressed(event), { capture: true });
    view.addEventListener("mousedown", (event) => this.swallow(event), { capture: true });
    view.addEventListener("click", (event) => this.swallow(event), { capture: true });
    view.addEventListener("touchstart", (event) => this.swallow(event), { capture: true, passive: false });
    window.addEventListener("pointermove", (event) => this.moved(event));
    window.addEventListener("pointerup", (event) => this.released(event));
    window.addEventListener("pointercancel", () => {
      if (this.from) this.stop();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.on) return;
      event.preventDefault();
      this.stop();
    }, { capture: true });
    reader.on("page", () => this.named());
  }

  named() {
    const page = this.reader.pageInView;
    this.whole.textContent = interpolate(gettext("Mark the whole of %(label)s"), { label: page?.label ?? "" });
  }

  start() {
    if (this.on) return void this.stop();
    this.on = true;
    this.named();
    this.bar.hidden = false;
    this.reader.selection.clear();
    this.reader.view.classList.add("is-marking");
    this.reader.say(gettext("Drag a box over the page, or mark the whole page. Escape stops."));
    this.whole.focus({ preventScroll: true });
  }

  /** @param {boolean} [quiet] an area was marked */
  stop(quiet = false) {
    if (!this.on) return;
    const within = this.bar.contains(document.activeElement);
    this.on = false;
    this.from = null;
    this.bar.hidden = true;
    this.reader.view.classList.remove("is-marking");
    if (!quiet) {
      this.ended();
      if (within) this.reader.view.focus({ preventScroll: true });
    }
  }

  markWhole() {
    const page = this.reader.pageInView;
    if (!page) return;
    this.stop(true);
    this.done(page.id, [[0, 0, 1, 1]]);
  }

  /** @param {Event} event */
  swallow(event) {
    if (!this.on || !(event.target instanceof Element) || !event.target.closest(".page__sheet")) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {PointerEvent} event */
  pressed(event) {
    if (!this.on || event.button || this.from) return;
    if (!(event.target instanceof Element) || !event.target.closest(".page__sheet")) return;
    const point = this.reader.pointAt(event.clientX, event.clientY);
    if (!point) return;
    event.preventDefault();
    event.stopPropagation();
    this.from = {
      page: point.page.id,
      x: point.x,
      y: point.y,
      clientX: event.clientX,
      clientY: event.clientY,
      pointer: event.pointerId,
    };
  }

  /**
   * The box from where the drag began to here, kept on its page.
   * @param {PointerEvent} event
   * @returns {Box[]}
   */
  box(event) {
    const from = this.from;
    const sheet = from && this.reader.frame(from.page)?.sheet.getBoundingClientRect();
    if (!from || !sheet) return [];
    const clientX = Math.min(Math.max(event.clientX, sheet.left + 0.5), sheet.right - 0.5);
    const clientY = Math.min(Math.max(event.clientY, sheet.top + 0.5), sheet.bottom - 0.5);
    const to = this.reader.pointAt(clientX, clientY, true);
    if (!to || to.page.id !== from.page) return [];
    return rounded([
      [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.max(from.x, to.x), Math.max(from.y, to.y)],
    ]);
  }

  /** @param {PointerEvent} event */
  moved(event) {
    if (!this.from || event.pointerId !== this.from.pointer) return;
    const quads = this.box(event);
    if (quads.length) this.drawing(this.from.page, quads);
  }

  /** @param {PointerEvent} event */
  released(event) {
    const from = this.from;
    if (!from || event.pointerId !== from.pointer) return;
    const quads = this.box(event);
    this.from = null;
    const small = Math.abs(event.clientX - from.clientX) < LEAST || Math.abs(event.clientY - from.clientY) < LEAST;
    if (small || !quads.length) {
      this.ended();
      return;
    }
    // The click that ends the drag is still to come, and is not for what lies under it.
    setTimeout(() => this.stop(true));
    this.done(from.page, quads);
  }
}
