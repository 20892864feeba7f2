// @ts-check
/** Words on screen, from Django's JavaScript catalogue, so that they are Welsh on a Welsh page. */

const catalogue = /** @type {any} */ (globalThis);

/** @type {(text: string) => string} */
export const gettext = catalogue.gettext ?? ((/** @type {string} */ text) => text);

/** @type {(one: string, many: string, count: number) => string} */
export const ngettext =
  catalogue.ngettext ??
  ((/** @type {string} */ one, /** @type {string} */ many, /** @type {number} */ count) => (count === 1 ? one : many));

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * A name or title that runs from right to left, kept apart from the sentence that it stands in; others as they are.
 * @param {string} text
 */
export function isolate(text) {
  return RIGHT_TO_LEFT.test(text) && !text.startsWith("\u2068") ? `\u2068${text}\u2069` : text;
}

/**
 * Put values into a translated text: `interpolate(gettext("Page %(label)s"), { label })`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function interpolate(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? isolate(String(values[name])) : whole));
}

/**
 * A number as people write it, with its thousands apart.
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString("en-GB");
}

/** Browsers bring no Welsh of their own (Chromium writes "May 4, 2026" for it), so the months are texts of ours. */
const MONTHS = [
  gettext("Jan"),
  gettext("Feb"),
  gettext("Mar"),
  gettext("Apr"),
  gettext("May"),
  gettext("Jun"),
  gettext("Jul"),
  gettext("Aug"),
  gettext("Sep"),
  gettext("Oct"),
  gettext("Nov"),
  gettext("Dec"),
];
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/**
 * A date as GOV.UK writes it ("14 Mar 2026"), from YYYY-MM-DD.
 * @param {string} iso
 */
export function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  return `${date} ${MONTHS[month - 1]} ${year}`;
}

/**
 * A moment by the clocks of the courts: its day ("14 Mar 2026") and its time ("09:05").
 * @param {Date} at
 */
export function moment(at) {
  const parts = Object.fromEntries(CLOCK.formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: day(`${parts.year}-${parts.month}-${parts.day}`), time: `${parts.hour}:${parts.minute}` };
}

/**
 * An element with text: `element("span", "reader-hit__label", "B12")`.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) {
    made.textContent = text;
    if (RIGHT_TO_LEFT.test(text)) made.dir = "auto";
  }
  return made;
}

/**
 * An element of the page that must be there.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`#${id} is missing`);
  return found;
}
