// @ts-check
/**
 * Pages on screen. Only those near the view are in the document; each is a frame of its own that never becomes
 * another page's, so a picture that comes late can only be put where it belongs.
 */

import { element, gettext, interpolate } from "./words.js";

/** @typedef {import("./model.js").Page} Page */
/** @typedef {import("./layout.js").Sheet} Sheet */
/** @typedef {import("./text.js").Layer} Layer */

/** Not 800: the worker draws 200 and 1,240 beforehand, and what is there comes sooner than what is smaller. */
const WIDTHS = [200, 1240, 2480];
export const THUMB = 200;
/** Requests at once: one image each; browsers take six in all, and words and hits must not wait. */
const AT_ONCE = 4;
/**
 * A picture that takes longer than this (ms) was not there and is drawn on demand. Giving up a request does not stop
 * the drawing: whoever jumps on would wait for all that was begun, so that then only one is asked for ahead.
 */
const DRAWN = 60;
/** A page that is looked at gets its small picture first where the real one takes longer than this (ms). */
const PATIENCE = 150;
const TRIES = 3;
/** How often it is asked again for a page that is still being drawn, before somebody has to press "Try again". */
const PATIENT_TRIES = 30;

/**
 * The picture's width to ask for, for a page shown `pixels` device pixels wide.
 * @param {number} pixels
 */
export function pictureWidth(pixels) {
  return WIDTHS.find((width) => width >= pixels * 0.85) ?? WIDTHS[WIDTHS.length - 1];
}

export class Frame {
  /**
   * @param {Page} page
   * @param {string} href the page's own address
   */
  constructor(page, href) {
    this.page = page;
    this.dropped = false;
    /** Width of the picture that is shown, 0 for none. */
    this.shown = 0;
    this.tries = 0;
    this.failedAt = 0;
    /** Pictures of this width and wider cannot be drawn, as the server has said. */
    this.never = Infinity;
    /** Until when a picture that is still being drawn is not asked for again, and how often that was so. */
    this.laterAt = 0;
    this.laters = 0;
    /** When its picture was asked for. */
    this.askedAt = 0;
    /** @type {Layer | null} */
    this.layer = null;
    this.top = NaN;
    this.turn = 0;
    /** @type {Sheet} */
    this.sheetSize = { width: 0, height: 0, scale: 1 };

    const { document: doc, label, number } = page;
    const named = interpolate(gettext("Page %(label)s"), { label });
    const of = interpolate(gettext("page %(number)s of %(pages)s"), { number, pages: doc.pages });
    this.element = element("article", "page");
    this.element.dataset.page = page.id;
    this.element.dataset.label = label;
    this.element.tabIndex = -1;
    this.element.setAttribute("aria-label", `${named}, ${doc.title}, ${of}`);

    const caption = element("p", "page__caption");
    const link = element("a", "page__label", label);
    link.href = href;
    link.setAttribute("aria-label", named);
    const title = element("span", "page__title", number === 1 ? doc.title : "");
    const place = element("span", "page__of", doc.exhibit ? `${doc.exhibit} · ${of}` : of);
    // The article's own name says all of it already.
    title.setAttribute("aria-hidden", "true");
    place.setAttribute("aria-hidden", "true");
    caption.append(link, title, place);

    this.sheet = element("div", "page__sheet");
    this.waiting = element("span", "page__waiting", label);
    this.waiting.setAttribute("aria-hidden", "true");
    this.body = element("div", "page__body");
    this.pictures = element("div", "page__pictures");
    this.hits = element("div", "page__hits");
    this.hits.setAttribute("aria-hidden", "true");
    this.text = element("div", "page__text");
    /** Where other rooms put their marks; its children are placed in per cent of the page. */
    this.overlay = element("div", "page__overlay");
    this.body.append(this.pictures, this.hits, this.text, this.overlay);
    this.sheet.append(this.waiting, this.body);
    this.element.append(caption, this.sheet);
  }

  /**
   * @param {number} top
   * @param {Sheet} sheet as the view is turned
   * @param {number} turn degrees clockwise
   */
  place(top, sheet, turn) {
    if (top !== this.top) {
      this.top = top;
      this.element.style.top = `${top}px`;
    }
    const before = this.sheetSize;
    if (before.width === sheet.width && before.height === sheet.height && this.turn === turn) return;
    this.sheetSize = sheet;
    this.turn = turn;
    this.element.style.width = `${sheet.width}px`;
    this.sheet.style.height = `${sheet.height}px`;
    const { width, height } = this.upright;
    this.body.style.width = `${width}px`;
    this.body.style.height = `${height}px`;
    const shift = { 0: "", 90: `${sheet.width}px, 0`, 180: `${sheet.width}px, ${sheet.height}px`, 270: `0, ${sheet.height}px` }[turn];
    this.body.style.transform = shift ? `translate(${shift}) rotate(${turn}deg)` : "";
    this.waiting.style.fontSize = `${Math.max(14, Math.min(sheet.width / 5, 64))}px`;
    this.layer?.scale(width);
  }

  /** The page's size on screen before the view was turned. */
  get upright() {
    const { width, height } = this.sheetSize;
    return this.turn % 180 ? { width: height, height: width } : { width, height };
  }

  /**
   * Put a decoded picture under the words, in place of a smaller one.
   * @param {HTMLImageElement} image
   * @param {number} width
   */
  show(image, width) {
    if (this.dropped || width <= this.shown) return;
    image.className = "page__image";
    image.alt = "";
    image.draggable = false;
    this.pictures.replaceChildren(image);
    this.shown = width;
    this.element.dataset.shown = String(width);
    this.tries = 0;
    this.laters = 0;
    // A small picture of a page that cannot be drawn any larger does not say so by itself.
    if (width > THUMB) this.sheet.querySelector(".page__failed")?.remove();
  }

  /** Let go of a large picture far from the view. */
  shrink() {
    if (this.shown <= THUMB) return;
    this.pictures.replaceChildren();
    this.shown = 0;
    delete this.element.dataset.shown;
  }

  /** @param {() => void} again */
  fail(again) {
    const box = this.say(
      interpolate(gettext("The picture of %(label)s could not be fetched."), { label: this.page.label }),
    );
    const button = element("button", "reader-small-button", gettext("Try again"));
    button.type = "button";
    button.addEventListener("click", () => {
      box.remove();
      again();
    });
    box.append(button);
  }

  /** It takes long, and comes by itself. */
  late() {
    this.say(
      interpolate(gettext("The picture of %(label)s is not there yet. It comes by itself."), { label: this.page.label }),
    );
  }

  /** It never comes: the page keeps its outline, and says so. */
  cannot() {
    this.say(
      interpolate(gettext("Page %(label)s could not be drawn. Its words and the other pages can be read."), {
        label: this.page.label,
      }),
    );
  }

  /**
   * @param {string} text what is the matter with its picture
   * @returns {HTMLElement}
   */
  say(text) {
    const before = /** @type {HTMLElement | null} */ (this.sheet.querySelector(".page__failed"));
    if (before?.textContent === text) return before;
    before?.remove();
    const box = element("div", "page__failed");
    box.append(element("p", "", text));
    this.sheet.append(box);
    return box;
  }

  drop() {
    this.dropped = true;
    this.layer = null;
    this.element.remove();
  }
}

/** @typedef {{frame: Frame, width: number, rank: number, seen?: boolean}} Wish `seen`: somebody waits for it */

/** Fetches pictures, nearest first, and gives up on those that are scrolled away. */
export class Pictures {
  /** @param {(page: Page, width: number) => string} address */
  constructor(address) {
    this.address = address;
    /** @type {Map<string, {image: HTMLImageElement, wish: Wish, over: boolean}>} */
    this.running = new Map();
    /** @type {Wish[]} */
    this.wishes = [];
    /** How long the last picture took that was asked for ahead (ms). */
    this.took = 0;
    this.finished = (/** @type {Frame} */ _frame) => {};
    addEventListener("online", () => this.again());
  }

  /** Who did not answer does now: what was given up is asked for once more. */
  again() {
    for (const wish of this.wishes) wish.frame.tries = 0;
    this.pump();
  }

  /** @param {Wish[]} wishes all that are wanted now; what is not among them is given up */
  want(wishes) {
    this.wishes = wishes.sort((a, b) => a.rank - b.rank);
    const wanted = new Set(wishes.map((wish) => key(wish)));
    for (const [name, one] of this.running) {
      if (wanted.has(name)) continue;
      one.over = true;
      this.running.delete(name);
      // Without its address the request ends.
      one.image.removeAttribute("src");
    }
    this.pump();
  }

  pump() {
    const now = performance.now();
    let waited = [...this.running.values()].some(({ wish }) => wish.seen);
    for (const wish of this.wishes) {
      // A server that draws on demand draws first what is looked at, and nothing beside it.
      if (this.running.size >= AT_ONCE || (waited && !wish.seen)) return;
      if (!wish.seen && this.running.size && this.took > DRAWN) return;
      const { frame, width } = wish;
      if (frame.dropped || frame.shown >= width || this.running.has(key(wish))) continue;
      if (width >= frame.never || now < frame.laterAt) continue;
      if (frame.tries >= TRIES || (frame.tries && now < frame.failedAt + 700 * frame.tries)) continue;
      if (wish.seen && width === THUMB && now < frame.askedAt + PATIENCE) continue;
      if (wish.seen && !frame.askedAt) {
        frame.askedAt = now;
        setTimeout(() => this.pump(), PATIENCE + 10);
      }
      waited ||= Boolean(wish.seen);
      void this.load(wish);
    }
  }

  /** @param {Wish} wish */
  async load(wish) {
    const { frame, width } = wish;
    const image = new Image();
    const one = { image, wish, over: false };
    this.running.set(key(wish), one);
    image.decoding = "async";
    image.src = this.address(frame.page, width);
    const begun = performance.now();
    try {
      await image.decode();
      if (!wish.seen) this.took = performance.now() - begun;
      if (!one.over) frame.show(image, width);
    } catch {
      const why = one.over || frame.dropped ? null : await whyNot(this.address(frame.page, width));
      if (!one.over && !frame.dropped) this.failed(frame, width, why);
    } finally {
      if (!one.over) this.running.delete(key(wish));
      if (!one.over && frame.shown === width) this.finished(frame);
      this.pump();
    }
  }

  /**
   * @param {Frame} frame
   * @param {number} width
   * @param {Why | null} why
   */
  failed(frame, width, why) {
    if (why?.never) {
      frame.never = Math.min(frame.never, width);
      if (width > THUMB || !frame.shown) frame.cannot();
      return;
    }
    if (why?.later && frame.laters < PATIENT_TRIES) {
      frame.laters += 1;
      frame.laterAt = performance.now() + why.later * 1000;
      if (frame.shown <= THUMB) frame.late();
      setTimeout(() => this.pump(), why.later * 1000 + 20);
      return;
    }
    frame.tries += 1;
    frame.failedAt = performance.now();
    if (frame.tries < TRIES) {
      setTimeout(() => this.pump(), 700 * frame.tries + 20);
    } else if (!frame.shown) {
      frame.fail(() => {
        frame.tries = frame.laters = 0;
        this.pump();
      });
    }
  }
}

/** @typedef {{never: boolean, later: number}} Why `later`: seconds after which it is worth asking again, 0 for none */

/**
 * Why a picture did not come, which an image does not tell; null where nobody answers.
 * @param {string} address
 * @returns {Promise<Why | null>}
 */
export async function whyNot(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/problem+json" } });
    const said = [429, 503].includes(answer.status) ? Number(answer.headers.get("Retry-After")) : 0;
    return { never: answer.status === 422, later: said > 0 ? Math.min(60, said) : 0 };
  } catch {
    return null;
  }
}

/** @param {Wish} wish */
function key(wish) {
  return `${wish.frame.page.id}/${wish.width}`;
}
