// @ts-check
/** Where every page stands, in pixels from the top of the bundle. No DOM here. */

/** @typedef {import("./model.js").Pages} Pages */

export const PIXELS_PER_POINT = 96 / 72;
export const SMALLEST = 0.25;
export const LARGEST = 4;

/** Steps of the zoom buttons; a fit lies between two of them. */
const STEPS = [0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

/** @typedef {"width" | "page" | "scale"} Mode */

/**
 * @typedef {object} Settings
 * @property {Mode} mode
 * @property {number} scale used in mode "scale": 1 is 100 %
 * @property {number} turn view turned clockwise: 0, 90, 180 or 270
 * @property {number} width of the view, CSS pixels
 * @property {number} height of the view
 * @property {number} caption height of the line over a page
 * @property {number} gap under a page
 * @property {number} margin left and right of a page
 * @property {number} least width in pixels at 100 %: fitting the width, a narrower page keeps its proportion to this
 */

/** @typedef {{width: number, height: number, scale: number}} Sheet A page on screen, as the view is turned. */

export class Layout {
  /**
   * @param {Pages} pages
   * @param {Settings} settings
   */
  constructor(pages, settings) {
    this.pages = pages;
    this.settings = settings;
    const stretches = pages.stretches;
    this.tops = new Float64Array(stretches.length + 1);
    this.slots = new Float64Array(stretches.length);
    let top = 0;
    stretches.forEach((stretch, at) => {
      const slot = this.sheet(stretch.width, stretch.height).height + settings.caption + settings.gap;
      this.tops[at] = top;
      this.slots[at] = slot;
      top += slot * stretch.count;
    });
    this.tops[stretches.length] = top;
    // The last page too can stand at the top of the view.
    const last = stretches.length ? this.slots[stretches.length - 1] : 0;
    /** Height of everything. */
    this.height = top + Math.max(0, settings.height - last);
  }

  /**
   * @param {number} width points
   * @param {number} height points
   * @returns {Sheet}
   */
  sheet(width, height) {
    const { mode, turn, margin, caption, gap, least } = this.settings;
    const turned = turn % 180 !== 0;
    const w = (turned ? height : width) * PIXELS_PER_POINT;
    const h = (turned ? width : height) * PIXELS_PER_POINT;
    const fitWidth = Math.max(120, this.settings.width - 2 * margin) / w;
    let scale = this.settings.scale;
    // A till receipt as wide as the window would be a poster.
    if (mode === "width") scale = Math.min(fitWidth * Math.min(1, w / (least || w)), LARGEST);
    if (mode === "page") {
      scale = Math.min(fitWidth, Math.max(120, this.settings.height - caption - gap) / h, LARGEST);
    }
    return { width: Math.max(1, Math.round(w * scale)), height: Math.max(1, Math.round(h * scale)), scale };
  }

  /** @param {number} index */
  sheetAt(index) {
    const { width, height } = this.pages.sizeAt(index);
    return this.sheet(width, height);
  }

  /**
   * Pixels from the top of everything to the page's caption.
   * @param {number} index
   */
  top(index) {
    const at = this.stretchOf(index);
    return this.tops[at] + (index - this.pages.stretches[at].first) * this.slots[at];
  }

  /** @param {number} index */
  stretchOf(index) {
    const stretches = this.pages.stretches;
    let low = 0;
    let high = stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (stretches[middle].first <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * The page whose slot holds this height.
   * @param {number} y
   */
  indexAt(y) {
    let low = 0;
    let high = this.pages.stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle] <= y) low = middle;
      else high = middle - 1;
    }
    const stretch = this.pages.stretches[low];
    const within = Math.floor((y - this.tops[low]) / this.slots[low]);
    return stretch.first + Math.min(Math.max(within, 0), stretch.count - 1);
  }
}

/**
 * The next zoom step up (1) or down (-1) from a scale.
 * @param {number} scale
 * @param {1 | -1} direction
 */
export function step(scale, direction) {
  if (direction > 0) return STEPS.find((one) => one > scale + 0.005) ?? LARGEST;
  return STEPS.filter((one) => one < scale - 0.005).at(-1) ?? SMALLEST;
}

/** @param {number} scale */
export function clamp(scale) {
  return Math.min(LARGEST, Math.max(SMALLEST, scale));
}
