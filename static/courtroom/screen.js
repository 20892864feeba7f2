// @ts-check
/** The evidence screen: shows what it is told, and can ask for nothing else. */
import { Live } from "../base/live.js";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const code = document.body.dataset.code ?? "";
const image = /** @type {HTMLImageElement} */ (part("image"));
const POINTER_STAYS = 4_000;

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
  image.removeAttribute("src");
}

/** @param {any} state */
async function show(state) {
  const before = shown;
  shown = state;
  part("away").hidden = true;
  part("pointer").hidden = true;
  if (!state.page) return blank();
  if (before?.page !== state.page) {
    // Never the label of one page over the picture of another: dark until the new one is here.
    blank();
    part("nothing").hidden = true;
    image.alt = state.label;
    image.src = `/screen/${encodeURIComponent(code)}/page/${encodeURIComponent(state.page)}`;
    try {
      await image.decode();
    } catch {
      if (shown === state) setTimeout(() => shown === state && ((shown = null), show(state)), 1_000);
      return;
    }
    if (shown !== state) return;
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
