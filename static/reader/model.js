// @ts-check
/** The pages of a bundle: thousands of them, described by their documents, so that nothing is kept page by page. */

/**
 * @typedef {object} DocumentRow A document as pages.json gives it.
 * @property {string} id
 * @property {string} title
 * @property {string | null} date
 * @property {string} exhibit
 * @property {string} section
 * @property {string} version
 * @property {number} pages
 * @property {[number, number, string, number][]} runs [index of the first page, how many, stem, number of the first]
 * @property {[number, number, number][]} sizes [how many, width, height] in points as displayed
 * @property {boolean} unread
 * @property {boolean} new
 */

/**
 * @typedef {DocumentRow & {at: number, order: number}} Doc `at`: place of its first page in the bundle, from 0;
 *   `order`: its own place among the documents.
 */

/** @typedef {{numbering_version: number, sections: {letter: string, title: string}[], documents: DocumentRow[]}} Manifest */

/**
 * @typedef {object} Page
 * @property {number} index place in the bundle, from 0
 * @property {string} id
 * @property {string} label "B12", or "–" where it has none yet
 * @property {Doc} document
 * @property {number} number page of the document, from 1
 * @property {number} width points
 * @property {number} height points
 */

/** @typedef {{first: number, count: number, width: number, height: number}} Stretch Neighbouring pages of one size. */

export const NO_LABEL = "–";
// A4 where a document gives no sizes.
const A4 = /** @type {const} */ ([595.28, 841.89]);

export class Pages {
  /** @param {Manifest} manifest */
  constructor(manifest) {
    this.numberingVersion = manifest.numbering_version;
    this.sections = manifest.sections;
    /** @type {Doc[]} */
    this.documents = [];
    /** @type {Map<string, Doc>} */
    this.byVersion = new Map();
    /** @type {Map<string, Doc>} */
    this.byDocument = new Map();
    /** Neighbouring pages of one size, in order. @type {Stretch[]} */
    this.stretches = [];
    /** Runs by stem, for finding labels. @type {Map<string, {start: number, count: number, at: number}[]>} */
    this.stems = new Map();
    let at = 0;
    for (const row of manifest.documents) {
      const doc = { ...row, at, order: this.documents.length };
      this.documents.push(doc);
      this.byVersion.set(doc.version, doc);
      this.byDocument.set(doc.id, doc);
      let left = doc.pages;
      for (const [count, width, height] of [...doc.sizes, [left, ...A4]]) {
        const here = Math.min(count, left);
        if (here > 0) this.stretch(doc.at + doc.pages - left, here, width || A4[0], height || A4[1]);
        left -= here;
      }
      for (const [first, count, stem, start] of doc.runs) {
        let known = this.stems.get(stem);
        if (!known) this.stems.set(stem, (known = []));
        known.push({ start, count, at: at + first });
      }
      at += doc.pages;
    }
    /** How many pages there are. */
    this.length = at;
  }

  /**
   * @param {number} first
   * @param {number} count
   * @param {number} width
   * @param {number} height
   */
  stretch(first, count, width, height) {
    const last = this.stretches.at(-1);
    if (last && last.width === width && last.height === height) last.count += count;
    else this.stretches.push({ first, count, width, height });
  }

  /**
   * The document that holds the page at this place.
   * @param {number} index
   */
  documentAt(index) {
    let low = 0;
    let high = this.documents.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.documents[middle].at <= index) low = middle;
      else high = middle - 1;
    }
    return this.documents[low];
  }

  /**
   * The size in points of the page at this place.
   * @param {number} index
   */
  sizeAt(index) {
    let low = 0;
    let high = this.stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.stretches[middle].first <= index) low = middle;
      else high = middle - 1;
    }
    return this.stretches[low];
  }

  /**
   * The page at this place, from 0.
   * @param {number} index
   * @returns {Page}
   */
  at(index) {
    const document = this.documentAt(index);
    const { width, height } = this.sizeAt(index);
    const number = index - document.at + 1;
    return { index, id: `${document.version}-${number}`, label: this.label(index), document, number, width, height };
  }

  /**
   * The label of the page at this place.
   * @param {number} index
   */
  label(index) {
    const doc = this.documentAt(index);
    const place = index - doc.at;
    for (const [first, count, stem, start] of doc.runs) {
      if (place >= first && place < first + count) return `${stem}${start + place - first}`;
    }
    return NO_LABEL;
  }

  /**
   * The labels of a document, first and last.
   * @param {Doc} doc
   */
  span(doc) {
    const first = this.label(doc.at);
    if (first === NO_LABEL) return "";
    const last = this.label(doc.at + doc.pages - 1);
    return first === last ? first : `${first}–${last}`;
  }

  /**
   * The place of a page by its id, or -1. A page of an earlier version is not in the bundle any more.
   * @param {string} id
   */
  indexOf(id) {
    const dash = id.lastIndexOf("-");
    const doc = this.byVersion.get(id.slice(0, dash));
    const number = Number(id.slice(dash + 1));
    return doc && number >= 1 && number <= doc.pages ? doc.at + number - 1 : -1;
  }

  /**
   * @param {string} id
   * @returns {Page | null}
   */
  byId(id) {
    const index = this.indexOf(id);
    return index < 0 ? null : this.at(index);
  }

  /**
   * The place that a label names, or -1. Only the plain form is read here ("b12", " B 012 "); whatever else people
   * write, and labels of earlier numberings, the server knows.
   * @param {string} text
   */
  find(text) {
    let asked = text.trim().toUpperCase();
    // A space is only left out where no other section could be meant: "UND1 5" is not UND15.
    asked = asked.replace(/^([A-Z]+)\s+(?=\d)/, "$1");
    const tail = /\d+$/.exec(asked);
    if (!tail) return -1;
    const stem = asked.slice(0, tail.index);
    const number = Number(tail[0]);
    for (const run of this.stems.get(stem) ?? []) {
      if (number >= run.start && number < run.start + run.count) return run.at + number - run.start;
    }
    return -1;
  }
}
