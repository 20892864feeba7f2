// @ts-check
/**
 * Where other rooms meet the reader.
 *
 *     import { reader } from "../reader/seam.js";
 *     const r = await reader;
 *     r.on("draw", ({ page, overlay }) => …);
 *
 * A script of another room is added in the template block `reader_scripts` and imports nothing but this module: the
 * reader itself starts once, from its own script.
 */

/** @typedef {import("./reader.js").Reader} Reader */

/** @type {(reader: Reader) => void} */
export let provide = () => {};

/** The reader, as soon as its list of pages is there. @type {Promise<Reader>} */
export const reader = new Promise((resolve) => {
  provide = resolve;
});
