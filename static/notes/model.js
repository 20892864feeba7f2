// @ts-check
/** What a note is, as the API has it, and what is asked for when one is made. */

/** @typedef {"highlight" | "area" | "note" | "reply"} Kind */
/** @typedef {"private" | "party" | "parties" | "case"} Choice */
/** @typedef {{choice: Choice, parties: string[]}} Audience `parties` are slugs; they count for "parties" alone. */
/** @typedef {{id: string, name: string, role: string, party: string | null, parties: string[]}} Person */
/** @typedef {[number, number, number, number]} Box x0, y0, x1, y1 in fractions of the page */
/** @typedef {{slug: string, kind: string, name: string}} Party `name` as in a sentence: "Bates’s defence" */

/**
 * @typedef {object} Setup What the server says (annotations/templatetags/reader_notes.py).
 * @property {string} reference
 * @property {string} notes address of the notes of many pages
 * @property {string} list address of the page that lists all notes, "" where there is none
 * @property {Person} me
 * @property {Party[]} parties in the case's order
 * @property {string[]} mine slugs of the parties that I act for
 * @property {boolean} may write notes
 * @property {number} longest note, in characters
 */

/**
 * @typedef {object} Note
 * @property {string} id
 * @property {string} page id
 * @property {Kind} kind
 * @property {string} body
 * @property {{exact?: string, prefix?: string, suffix?: string}} quote
 * @property {Box[]} quads
 * @property {Choice} audience
 * @property {string[]} parties that it is for
 * @property {string[]} tags
 * @property {Person} author
 * @property {boolean} mine
 * @property {string} created
 * @property {string | null} edited
 * @property {boolean} [narrower] a reply that fewer people see than its note
 * @property {Note[]} replies
 * @property {"saving" | "failed" | "refused"} [state] of one that the server does not have yet
 * @property {string} [problem] why it is not saved, in words
 */

/**
 * @typedef {object} Draft
 * @property {string} page id
 * @property {Kind} kind
 * @property {string} body
 * @property {Box[]} quads
 * @property {string} quote
 * @property {Audience} audience
 * @property {string[]} tags
 */

/**
 * Where a note stands on its page, from the top; 0 for one about the whole page.
 * @param {{quads: Box[]}} note
 */
export function topOf(note) {
  return note.quads.length ? note.quads[0][1] : 0;
}

/**
 * From top to bottom, then as they were written.
 * @param {Note} a
 * @param {Note} b
 */
export function inOrder(a, b) {
  return topOf(a) - topOf(b) || (a.created < b.created ? -1 : a.created > b.created ? 1 : 0);
}

/**
 * The part of the page that some boxes cover.
 * @param {Box[]} quads
 * @returns {{x: number, y: number, w: number, h: number}}
 */
export function around(quads) {
  const x = Math.min(...quads.map((box) => box[0]));
  const y = Math.min(...quads.map((box) => box[1]));
  const w = Math.max(...quads.map((box) => box[2])) - x;
  const h = Math.max(...quads.map((box) => box[3])) - y;
  return { x, y, w, h };
}

/**
 * Boxes as the server keeps them.
 * @param {readonly (readonly number[])[]} boxes
 * @returns {Box[]}
 */
export function rounded(boxes) {
  return boxes.map((box) => {
    const [x0, y0, x1, y1] = box.map((value) => Math.round(Math.min(1, Math.max(0, value)) * 1e5) / 1e5);
    return [x0, y0, x1, y1];
  });
}

/**
 * "DO" for Daniel Okafor; titles such as HHJ count for nothing.
 * @param {string} name
 */
export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^\p{Lu}/u.test(word) && !/^(HHJ|HH|Mr|Mrs|Ms|Miss|Dr|Sir|Dame|Judge|Recorder|KC)\.?$/u.test(word));
  const [first, last] = [words[0] ?? name, words.length > 1 ? words[words.length - 1] : ""];
  return `${[...first][0] ?? ""}${[...last][0] ?? ""}`.toLocaleUpperCase();
}
