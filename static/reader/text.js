// @ts-check
/**
 * The words of a page over its picture: transparent, each where it stands, in the order of the page's text, so that
 * what is selected, copied or read out are the words in reading order.
 */

import { element, gettext } from "./words.js";

/** @typedef {[number, number, number, number, string]} Word x0, y0, x1, y1 in fractions of the page, and the word */
/** @typedef {{text: string, words: Word[]}} Words */
/** @typedef {import("./frames.js").Frame} Frame */

/** Pixels per point at which words are laid out; zoom only scales the layer. Large, so that no least size bites. */
const UNIT = 2;
const FONT = "Arial, Helvetica, sans-serif";
const KEPT = 80;

const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
pen.font = `100px ${FONT}`;

/** @type {Map<string, number>} */
const measured = new Map();

/** @param {string} text */
function natural(text) {
  let width = measured.get(text);
  if (width === undefined) {
    width = pen.measureText(text).width / 100;
    if (measured.size > 20_000) measured.clear();
    measured.set(text, width);
  }
  return width;
}

/** The words of one page in its frame. */
export class Layer {
  /**
   * @param {Frame} frame
   * @param {Words} content
   */
  constructor(frame, content) {
    this.frame = frame;
    this.words = content.words;
    this.text = content.text;
    /** Where each word begins in the text. @type {number[]} */
    this.starts = [];
    this.element = frame.text;
    this.width = frame.page.width * UNIT;
    this.height = frame.page.height * UNIT;
    let at = 0;
    for (const word of this.words) {
      const found = this.text.indexOf(word[4], at);
      this.starts.push(found < 0 ? at : found);
      at = found < 0 ? at : found + word[4].length;
    }
    this.element.style.width = `${this.width}px`;
    this.element.style.height = `${this.height}px`;
    this.element.replaceChildren(...this.spans());
    if (!this.words.length) {
      this.element.append(element("p", "govuk-visually-hidden", gettext("This page has no words to read out.")));
    }
    this.scale(frame.upright.width);
  }

  /** @returns {(Node)[]} */
  spans() {
    /** @type {Node[]} */
    const made = [];
    this.words.forEach((word, index) => {
      const [x0, y0, x1, y1, text] = word;
      const next = this.words[index + 1];
      const between = next ? this.text.slice(this.starts[index] + text.length, this.starts[index + 1]) : "";
      const onOneLine = between !== "" && !between.includes("\n");
      const height = Math.max((y1 - y0) * this.height, 1);
      // The space after a word belongs to it, so that a selection has no holes and can be dragged along a line.
      const reaches = onOneLine && next[0] > x1 && (next[0] - x1) * this.width < 3 * height;
      const end = reaches ? next[0] : x1;
      const shown = onOneLine ? `${text} ` : text;
      const span = element("span", "", shown);
      span.dataset.word = String(index);
      const style = span.style;
      style.left = `${(x0 * this.width).toFixed(1)}px`;
      style.top = `${(y0 * this.height).toFixed(1)}px`;
      style.fontSize = `${height.toFixed(1)}px`;
      const wide = natural(reaches || !onOneLine ? shown : text) * height;
      if (wide > 0) style.transform = `scaleX(${(((end - x0) * this.width) / wide).toFixed(4)})`;
      made.push(span);
      if (between && !onOneLine) made.push(document.createTextNode(between.includes("\n\n") ? "\n\n" : "\n"));
    });
    return made;
  }

  /** @param {number} width of the page on screen */
  scale(width) {
    this.element.style.transform = `scale(${width / this.width})`;
  }

  /**
   * The word nearest to a point of the page, and how far into it the point is.
   * @param {number} x fraction
   * @param {number} y fraction
   * @returns {{word: number, offset: number} | null}
   */
  nearest(x, y) {
    let best = -1;
    let least = Infinity;
    const tall = this.height / this.width;
    this.words.forEach(([x0, y0, x1, y1], index) => {
      const dx = x < x0 ? x0 - x : x > x1 ? x - x1 : 0;
      // The line counts for more than the place in it.
      const dy = (y < y0 ? y0 - y : y > y1 ? y - y1 : 0) * tall * 4;
      const distance = dx * dx + dy * dy;
      if (distance < least) {
        least = distance;
        best = index;
      }
    });
    if (best < 0) return null;
    const [x0, , x1, , text] = this.words[best];
    const within = x1 > x0 ? (x - x0) / (x1 - x0) : 0;
    return { word: best, offset: Math.round(Math.min(1, Math.max(0, within)) * text.length) };
  }

  /** @param {number} word */
  node(word) {
    return this.element.querySelector(`[data-word="${word}"]`)?.firstChild ?? null;
  }

  /**
   * The text from one place to another, with the line ends that the page has.
   * @param {Place} from
   * @param {Place} to
   */
  slice(from, to) {
    const end = this.starts[to.word] + Math.min(to.offset, this.words[to.word][4].length);
    return this.text.slice(this.starts[from.word] + from.offset, end);
  }

  /**
   * Boxes over the words from one place to another: one a line.
   * @param {Place} from
   * @param {Place} to
   * @returns {[number, number, number, number][]}
   */
  boxes(from, to) {
    /** @type {[number, number, number, number][]} */
    const boxes = [];
    let open = false;
    for (let index = from.word; index <= to.word; index += 1) {
      let [x0, y0, x1, y1, text] = this.words[index];
      const begins = index === from.word ? Math.min(from.offset, text.length) : 0;
      const ends = index === to.word ? Math.min(to.offset, text.length) : text.length;
      if (begins >= ends) {
        open = false;
        continue;
      }
      const wide = x1 - x0;
      x1 = x0 + (wide * ends) / text.length;
      x0 += (wide * begins) / text.length;
      const last = boxes.at(-1);
      const beside = open && last && x0 >= last[0] && Math.min(y1, last[3]) - Math.max(y0, last[1]) > (y1 - y0) / 2;
      if (beside) {
        last[1] = Math.min(last[1], y0);
        last[2] = Math.max(last[2], x1);
        last[3] = Math.max(last[3], y1);
      } else {
        boxes.push([x0, y0, x1, y1]);
      }
      open = true;
    }
    return boxes;
  }
}

/** @typedef {{word: number, offset: number}} Place */

/** Fetches the words of pages, and keeps those of the last ones. */
export class WordStore {
  /** @param {(page: string) => string} address */
  constructor(address) {
    this.address = address;
    /** @type {Map<string, Promise<Words>>} */
    this.kept = new Map();
  }

  /**
   * @param {string} page
   * @returns {Promise<Words>}
   */
  get(page) {
    const known = this.kept.get(page);
    if (known) {
      this.kept.delete(page);
      this.kept.set(page, known);
      return known;
    }
    const asked = fetch(this.address(page), { headers: { Accept: "application/json" } }).then((answer) => {
      if (!answer.ok) throw new Error(`the words of ${page}: ${answer.status}`);
      return answer.json();
    });
    this.kept.set(page, asked);
    asked.catch(() => this.kept.delete(page));
    if (this.kept.size > KEPT) this.kept.delete(/** @type {string} */ (this.kept.keys().next().value));
    return asked;
  }
}
