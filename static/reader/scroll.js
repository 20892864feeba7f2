// @ts-check
/**
 * Scrolling through more than a browser can make an element high (100,000 pages are 140 million pixels).
 *
 * The scrolled element is at most LIMIT high. Near its ends a pixel is a pixel; between, the scroll bar stands for the
 * whole. Small movements are taken as they are, wherever the bar is, and when scrolling rests the bar is put to where
 * it belongs. A large movement is somebody who drags the bar: then the bar decides.
 */

const LIMIT = 4_000_000;
const EDGE = 200_000;
const REST = 160;

export class Track {
  /**
   * @param {HTMLElement} view scrolls
   * @param {HTMLElement} inner is as high as the track
   * @param {() => void} moved
   */
  constructor(view, inner, moved) {
    this.view = view;
    this.inner = inner;
    this.moved = moved;
    /** Height of everything, in pixels. */
    this.total = 0;
    /** Height of the element that stands for it. */
    this.shown = 0;
    /** Where the view's top is, in pixels from the top of everything. */
    this.top = 0;
    /** What to take from a height to get its place in the element. */
    this.offset = 0;
    this.last = 0;
    this.resting = 0;
    /** Height of the view; measured when it changes, not while scrolling. */
    this.viewHeight = view.clientHeight;
    view.addEventListener("scroll", () => this.scrolled(), { passive: true });
  }

  /**
   * How far down the view can be.
   * @returns {number}
   */
  get most() {
    return Math.max(0, this.total - this.viewHeight);
  }

  /** @param {number} total */
  resize(total) {
    this.viewHeight = this.view.clientHeight;
    this.total = total;
    this.shown = Math.min(total, LIMIT);
    this.inner.style.height = `${this.shown}px`;
  }

  /**
   * The height that a place of the scroll bar stands for.
   * @param {number} bar
   */
  heightOf(bar) {
    if (this.shown === this.total) return bar;
    const end = this.shown - this.viewHeight;
    if (bar <= EDGE) return bar;
    if (bar >= end - EDGE) return this.most - (end - bar);
    return EDGE + ((bar - EDGE) * (this.most - 2 * EDGE)) / (end - 2 * EDGE);
  }

  /**
   * Where the scroll bar belongs at a height.
   * @param {number} height
   */
  barOf(height) {
    if (this.shown === this.total) return height;
    const end = this.shown - this.viewHeight;
    if (height <= EDGE) return height;
    if (height >= this.most - EDGE) return end - (this.most - height);
    return EDGE + ((height - EDGE) * (end - 2 * EDGE)) / (this.most - 2 * EDGE);
  }

  /**
   * Put this height at the top of the view.
   * @param {number} top
   */
  to(top) {
    this.top = Math.min(Math.max(0, top), this.most);
    this.view.scrollTop = this.barOf(this.top);
    // Browsers round to what their screen can show.
    this.last = this.view.scrollTop;
    this.offset = this.top - this.last;
    this.moved();
  }

  scrolled() {
    const bar = this.view.scrollTop;
    const by = bar - this.last;
    if (by === 0) return;
    this.last = bar;
    if (this.shown === this.total) {
      this.top = bar;
    } else {
      const height = this.viewHeight;
      if (Math.abs(by) > 4 * height) {
        this.top = this.heightOf(bar);
      } else {
        this.top = Math.min(Math.max(0, this.top + by), this.most);
      }
      this.offset = this.top - bar;
      const end = this.shown - height;
      const near = bar < 3 * height || bar > end - 3 * height;
      if (near && Math.abs(this.barOf(this.top) - bar) > 1) {
        // The bar would run out before the pages do.
        this.to(this.top);
        return;
      }
      clearTimeout(this.resting);
      this.resting = window.setTimeout(() => this.rest(), REST);
    }
    this.moved();
  }

  rest() {
    if (Math.abs(this.barOf(this.top) - this.view.scrollTop) > 1) this.to(this.top);
  }
}
