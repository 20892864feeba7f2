// @ts-check
/** The evidence screen: shows what it is told, and can ask for nothing else. */
import { Live } from "../base/live.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const code = document.body.dataset.code ?? "";
let image = /** @type {HTMLImageElement} */ (part("image"));
const POINTER_STAYS = 4_000;
/** How long the page before may stay while the next one is fetched; after that dark is truer. */
const STAYS = 400;

/** @type {any} */
let shown = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pointing;

/** Put the page, or the region of it that is shown, as large as fits. */
function fit() {
  if (!shown?.page) return;
  const stage = part("stage");
  const view = shown.view ?? { x: 0, y: 0, w: 1, h: 1 };
  const scale = Math.min(
    stage.clientWidth / (shown.width * view.w),
    stage.clientHeight / (shown.height * view.h),
  );
  const width = shown.width * scale;
  const height = shown.height * scale;
  const box = part("page").style;
  box.width = `${width}px`;
  box.height = `${height}px`;
  box.left = `${stage.clientWidth / 2 - (view.x + view.w / 2) * width}px`;
  box.top = `${stage.clientHeight / 2 - (view.y + view.h / 2) * height}px`;
}

function blank() {
  part("page").hidden = true;
  part("label").hidden = true;
  part("nothing").hidden = false;
  part("drawing").hidden = part("undrawn").hidden = true;
  image.removeAttribute("src");
}

/** @param {string} address */
async function statusOf(address) {
  try {
    return (await fetch(address)).status;
  } catch {
    return 0;
  }
}

/** @param {any} state */
async function show(state) {
  const before = shown;
  shown = state;
  part("away").hidden = true;
  part("pointer").hidden = true;
  if (!state.page) return blank();
  if (before?.page !== state.page || part("page").hidden) {
    // Never the label of one page over the picture of another: both change together, when the new one is here.
    const late = setTimeout(() => {
      if (shown !== state) return;
      blank();
      part("nothing").hidden = true;
    }, STAYS);
    const next = new Image();
    next.id = "image";
    next.className = image.className;
    next.alt = state.label ?? "";
    next.src = `/screen/${encodeURIComponent(code)}/page/${encodeURIComponent(state.page)}`;
    let drawn = true;
    try {
      await next.decode();
    } catch {
      const status = await statusOf(next.src);
      clearTimeout(late);
      if (shown !== state) return;
      drawn = false;
      blank();
      part("nothing").hidden = true;
      // What cannot be drawn is not asked for again; everything else is.
      if (status !== 422) setTimeout(() => shown === state && ((shown = null), show(state)), 1_000);
      // An outline, its label, and what is the matter; where nobody answers, dark is truer.
      if (status !== 422 && status !== 503) return;
      part("drawing").hidden = status !== 503;
      part("undrawn").hidden = status !== 422;
    }
    clearTimeout(late);
    if (shown !== state) return;
    image.replaceWith(next);
    image = next;
    image.hidden = !drawn;
    if (drawn) part("drawing").hidden = part("undrawn").hidden = true;
  }
  fit();
  part("nothing").hidden = true;
  part("page").hidden = false;
  part("label").hidden = false;
  part("label").textContent = state.label;
}

/** @param {{page: string, at: number[]|null}} frame */
function point(frame) {
  const pointer = part("pointer");
  clearTimeout(pointing);
  pointer.hidden = !frame.at || frame.page !== shown?.page;
  if (!frame.at || pointer.hidden) return;
  pointer.style.left = `${frame.at[0] * 100}%`;
  pointer.style.top = `${frame.at[1] * 100}%`;
  pointing = setTimeout(() => (pointer.hidden = true), POINTER_STAYS);
}

new Live(
  `/ws/screen/${encodeURIComponent(code)}/`,
  {
    onState: show,
    onPoint: point,
    onStatus(status) {
      part("away").hidden = status === "live";
      if (status === "away") {
        // What was last shown may not be shown any more: dark rather than wrong.
        shown = null;
        blank();
        part("nothing").hidden = true;
      }
    },
    onGone() {
      shown = null;
      blank();
      part("stage").hidden = true;
      part("ended").hidden = false;
    },
  },
  { hello: false },
);
window.addEventListener("resize", fit);

/** A screen in court stays awake, where the browser can keep it so. */
async function stayAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch {
    // Then the device's own settings decide.
  }
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
