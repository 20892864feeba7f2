// @ts-check
/** Arrow keys go from the box through the hits and back; Enter opens the one in focus, as it does any link. */
const box = /** @type {HTMLInputElement|null} */ (document.getElementById("q"));

/** @returns {HTMLAnchorElement[]} */
const hits = () => [.../** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("#answer a.cb-hit[href]"))];

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const here = document.activeElement;
  const inBox = here === box;
  const at = hits().indexOf(/** @type {HTMLAnchorElement} */ (here));
  if (!inBox && at < 0) {
    if (event.key === "/" && !(here instanceof HTMLInputElement || here instanceof HTMLSelectElement)) {
      event.preventDefault();
      box?.focus();
      box?.select();
    }
    return;
  }
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (event.key === "Home" && at > 0) go(0);
  else if (event.key === "End" && at >= 0) go(hits().length - 1);
  else if (event.key === "Escape" && at >= 0) box?.focus();
  else if (step && !(inBox && step < 0)) go(at + step);
  else return;
  event.preventDefault();
});

/** @param {number} at */
function go(at) {
  const all = hits();
  if (at < 0) {
    box?.focus();
    box?.scrollIntoView({ block: "nearest" });
  } else if (at < all.length) {
    all[at].focus();
    all[at].scrollIntoView({ block: "nearest" });
  }
}

export {};
