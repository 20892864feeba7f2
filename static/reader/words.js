// @ts-check
/** Words on screen, from Django's JavaScript catalogue, so that they are Welsh on a Welsh page. */

const catalogue = /** @type {any} */ (globalThis);

/** @type {(text: string) => string} */
export const gettext = catalogue.gettext ?? ((/** @type {string} */ text) => text);

/** @type {(one: string, many: string, count: number) => string} */
export const ngettext =
  catalogue.ngettext ??
  ((/** @type {string} */ one, /** @type {string} */ many, /** @type {number} */ count) => (count === 1 ? one : many));

/**
 * Put values into a translated text: `interpolate(gettext("Page %(label)s"), { label })`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function interpolate(text, values) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * A number as people write it, with its thousands apart.
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString(document.documentElement.lang || "en-GB");
}

/**
 * A date as GOV.UK writes it, from YYYY-MM-DD.
 * @param {string} iso
 */
export function day(iso) {
  const [year, month, date] = iso.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date)).toLocaleDateString(document.documentElement.lang || "en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
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
  if (text !== undefined) made.textContent = text;
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
