// @ts-check
/**
 * Selecting words with the mouse, and what is selected, in terms of pages and words.
 *
 * Browsers select wildly between words that stand anywhere: over a gap the selection jumps to an end of the page. So
 * the mouse is followed here, to the nearest word. Touch and the browser's own caret are left as they are.
 */

import { byId, element, gettext, interpolate } from "./words.js";

/** @typedef {import("./model.js").Page} Page */
/** @typedef {import("./frames.js").Frame} Frame */
/** @typedef {import("./text.js").Place} Place */
/** @typedef {import("./reader.js").Reader} Reader */

/**
 * @typedef {object} Part What is selected of one page.
 * @property {Page} page
 * @property {string} quote
 * @property {[number, number, number, number][]} boxes in fractions of the page, one a line
 * @property {Place} from
 * @property {Place} to
 */

/**
 * @typedef {object} Selected
 * @property {Page} page of the first word
 * @property {string} text with line ends as on the page
 * @property {string} quote the same in one line
 * @property {string} citation “…” B12, JS/1 p. 3
 * @property {Part[]} parts in page order
 */

/**
 * @typedef {object} SelectionButton
 * @property {string} id
 * @property {string} label
 * @property {(selected: Selected) => void} run
 * @property {number} [order] smaller is further left; copying is 50 and 60
 */

/** @param {string} text */
function oneLine(text) {
  // A word divided at the end of a line is left divided: only its author knows whether it has a hyphen.
  return text.replace(/\s+/g, " ").trim();
}

export class Selection {
  /** @param {Reader} reader */
  constructor(reader) {
    this.reader = reader;
    /** @type {Selected | null} */
    this.now = null;
    /** @type {{frame: Frame, place: Place} | null} */
    this.anchor = null;
    this.dragging = false;
    this.waiting = 0;
    this.override = "";
    this.bar = byId("reader-selection");
    /** @type {SelectionButton[]} */
    this.buttons = [];
    this.add({ id: "copy", label: gettext("Copy"), order: 50, run: (selected) => this.copy(selected.text) });
    this.add({
      id: "cite",
      label: gettext("Copy with citation"),
      order: 60,
      run: (selected) => this.copy(selected.citation),
    });

    const view = reader.view;
    view.addEventListener("mousedown", (event) => this.pressed(event));
    document.addEventListener("mousemove", (event) => this.moved(event));
    document.addEventListener("mouseup", () => this.released());
    document.addEventListener("selectionchange", () => this.changed());
    document.addEventListener("copy", (event) => this.copied(event));
    // The bar must not take the selection away from under itself.
    this.bar.addEventListener("mousedown", (event) => event.preventDefault());
    reader.on("scroll", () => this.place());
    /** @type {{frame: Frame, from: number, to: number} | null} words chosen by key: the one that stays, the one that moves */
    this.byKey = null;
    // Before the keys of the reader, which turn pages by arrows.
    document.addEventListener("keydown", (event) => this.key(event), { capture: true });
  }

  /**
   * Select by key: what a search has marked on the page in view, else the first word in sight. From there arrows move
   * word by word and line by line, with Shift they take more, and Escape lets go.
   */
  begin() {
    const page = this.reader.pageInView;
    const frame = page && this.reader.frame(page.id);
    const layer = frame?.layer;
    if (!frame || !layer || !layer.words.length) {
      this.reader.tell(gettext("This page has no words to select."));
      return;
    }
    const [from, to] = this.found(frame) ?? [this.firstInSight(frame), this.firstInSight(frame)];
    this.reader.view.focus({ preventScroll: true });
    this.choose(frame, from, to);
  }

  /**
   * First and last of the words that a search has marked first on a page.
   * @param {Frame} frame
   * @returns {[number, number] | null}
   */
  found(frame) {
    const boxes = this.reader.search?.boxes.get(frame.page.id) ?? [];
    const words = frame.layer?.words ?? [];
    const marked = (/** @type {number} */ at) => {
      const [x0, y0, x1, y1] = words[at];
      const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
      return boxes.some((box) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
    };
    const first = words.findIndex((_word, at) => marked(at));
    if (first < 0) return null;
    let last = first;
    while (last + 1 < words.length && marked(last + 1)) last += 1;
    return [first, last];
  }

  /** @param {Frame} frame */
  firstInSight(frame) {
    const view = this.reader.view.getBoundingClientRect();
    const spans = /** @type {HTMLElement[]} */ ([...frame.text.querySelectorAll("[data-word]")]);
    const seen = spans.find((span) => {
      const box = span.getBoundingClientRect();
      return box.top >= view.top && box.bottom <= view.bottom;
    });
    return Number(seen?.dataset.word ?? 0);
  }

  /**
   * @param {Frame} frame
   * @param {number} from the word that stays
   * @param {number} to the word that moves
   */
  choose(frame, from, to) {
    const layer = /** @type {import("./text.js").Layer} */ (frame.layer);
    const [first, last] = from <= to ? [from, to] : [to, from];
    this.select(frame, { word: first, offset: 0 }, frame, { word: last, offset: layer.words[last][4].length });
    this.byKey = { frame, from, to };
    const span = frame.text.querySelector(`[data-word="${to}"]`);
    const view = this.reader.view.getBoundingClientRect();
    const box = span?.getBoundingClientRect();
    if (box && box.bottom > view.bottom - 60) this.reader.view.scrollBy(0, box.bottom - view.bottom + 120);
    if (box && box.top < view.top + 20) this.reader.view.scrollBy(0, box.top - view.top - 80);
    this.update();
    const quote = oneLine(layer.slice({ word: first, offset: 0 }, { word: last, offset: layer.words[last][4].length }));
    this.reader.say(interpolate(gettext("Selected: %(words)s"), { words: quote }));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const now = this.byKey;
    if (!now || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.now || now.frame.dropped || !now.frame.layer || !this.reader.view.contains(document.activeElement)) {
      this.byKey = null;
      return;
    }
    const { frame } = now;
    const layer = /** @type {import("./text.js").Layer} */ (frame.layer);
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    let to = now.to;
    if (by) to += by;
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") to = this.otherLine(layer, to, event.key === "ArrowUp" ? -1 : 1);
    else if (event.key === "Home" || event.key === "End") to = this.line(layer, to)[event.key === "Home" ? 0 : 1];
    else return;
    event.preventDefault();
    event.stopPropagation();
    to = Math.min(Math.max(to, 0), layer.words.length - 1);
    this.choose(frame, event.shiftKey ? now.from : to, to);
  }

  /**
   * The word of the line above or below that stands nearest to a word.
   * @param {import("./text.js").Layer} layer
   * @param {number} word
   * @param {1 | -1} by
   */
  otherLine(layer, word, by) {
    const [first, last] = this.line(layer, word);
    const other = by < 0 ? first - 1 : last + 1;
    if (other < 0 || other >= layer.words.length) return word;
    const [from, to] = this.line(layer, other);
    const middle = (/** @type {number} */ at) => (layer.words[at][0] + layer.words[at][2]) / 2;
    let best = from;
    for (let at = from; at <= to; at += 1) {
      if (Math.abs(middle(at) - middle(word)) < Math.abs(middle(best) - middle(word))) best = at;
    }
    return best;
  }

  /**
   * A button in the bar at the selection; a second one of the same id takes the place of the first.
   * @param {SelectionButton} button
   */
  add(button) {
    this.buttons = this.buttons.filter((one) => one.id !== button.id);
    this.buttons.push(button);
    this.buttons.sort((a, b) => (a.order ?? 40) - (b.order ?? 40));
    this.bar.replaceChildren(
      ...this.buttons.map((one) => {
        const made = element("button", "reader-selection__button", one.label);
        made.type = "button";
        made.dataset.button = one.id;
        made.addEventListener("click", () => {
          if (this.now) one.run(this.now);
        });
        return made;
      }),
    );
  }

  clear() {
    document.getSelection()?.removeAllRanges();
    this.anchor = null;
    this.byKey = null;
    this.update();
  }

  /**
   * @param {MouseEvent} event
   * @param {boolean} [anywhere] also beside a page
   */
  hit(event, anywhere = false) {
    const point = this.reader.pointAt(event.clientX, event.clientY, anywhere);
    if (!point) return null;
    const frame = this.reader.frame(point.page.id);
    const place = frame?.layer?.nearest(point.x, point.y);
    return frame && place ? { frame, place } : null;
  }

  /** @param {MouseEvent} event */
  pressed(event) {
    if (event.button !== 0 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    if (!target.closest(".page__sheet") || target.closest("a, button, input, textarea, [data-own]")) return;
    const found = this.hit(event);
    event.preventDefault();
    this.reader.view.focus({ preventScroll: true });
    if (!found) {
      this.clear();
      return;
    }
    const layer = /** @type {import("./text.js").Layer} */ (found.frame.layer);
    const { word } = found.place;
    if (event.detail === 2) {
      this.select(found.frame, { word, offset: 0 }, found.frame, { word, offset: layer.words[word][4].length });
    } else if (event.detail > 2) {
      const [first, last] = this.line(layer, word);
      this.select(found.frame, { word: first, offset: 0 }, found.frame, {
        word: last,
        offset: layer.words[last][4].length,
      });
    } else if (event.shiftKey && this.anchor && !this.anchor.frame.dropped) {
      this.select(this.anchor.frame, this.anchor.place, found.frame, found.place);
      this.dragging = true;
    } else {
      document.getSelection()?.removeAllRanges();
      this.anchor = found;
      this.dragging = true;
    }
  }

  /**
   * First and last word of the line that holds a word.
   * @param {import("./text.js").Layer} layer
   * @param {number} word
   */
  line(layer, word) {
    const broken = (/** @type {number} */ at) =>
      layer.text.slice(layer.starts[at] + layer.words[at][4].length, layer.starts[at + 1]).includes("\n");
    let first = word;
    let last = word;
    while (first > 0 && !broken(first - 1)) first -= 1;
    while (last < layer.words.length - 1 && !broken(last)) last += 1;
    return [first, last];
  }

  /** @param {MouseEvent} event */
  moved(event) {
    if (!this.dragging || !this.anchor) return;
    if (!(event.buttons & 1)) {
      this.released();
      return;
    }
    const box = this.reader.view.getBoundingClientRect();
    if (event.clientY > box.bottom - 12) this.reader.view.scrollBy(0, 30);
    if (event.clientY < box.top + 12) this.reader.view.scrollBy(0, -30);
    const found = this.hit(event, true);
    if (found && !this.anchor.frame.dropped) {
      this.select(this.anchor.frame, this.anchor.place, found.frame, found.place);
    }
  }

  released() {
    if (!this.dragging) return;
    this.dragging = false;
    this.update();
  }

  /**
   * @param {Frame} fromFrame
   * @param {Place} from
   * @param {Frame} toFrame
   * @param {Place} to
   */
  select(fromFrame, from, toFrame, to) {
    const start = fromFrame.layer?.node(from.word);
    const end = toFrame.layer?.node(to.word);
    if (!start || !end) return;
    this.anchor = { frame: fromFrame, place: from };
    document.getSelection()?.setBaseAndExtent(start, from.offset, end, to.offset);
  }

  changed() {
    clearTimeout(this.waiting);
    if (!this.dragging) this.waiting = window.setTimeout(() => this.update(), 120);
  }

  /** Frames that must stay in the document while something in them is selected. */
  pinned() {
    const selection = document.getSelection();
    if (!selection || (selection.isCollapsed && !this.dragging)) return [];
    const ids = [selection.anchorNode, selection.focusNode].map((node) => {
      const holder = node instanceof Element ? node : node?.parentElement;
      return holder?.closest("[data-page]")?.getAttribute("data-page");
    });
    if (this.dragging && this.anchor) ids.push(this.anchor.frame.page.id);
    return ids.filter((id) => id != null);
  }

  update() {
    this.now = this.read();
    this.reader.emit("select", this.now);
    this.place();
  }

  /** @returns {Selected | null} */
  read() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    if (!this.reader.view.contains(range.commonAncestorContainer)) return null;
    /** @type {Part[]} */
    const parts = [];
    for (const frame of this.reader.frames()) {
      const layer = frame.layer;
      if (!layer || !range.intersectsNode(frame.text)) continue;
      const spans = /** @type {HTMLElement[]} */ ([...frame.text.querySelectorAll("[data-word]")]);
      const within = spans.filter((span) => range.intersectsNode(span));
      if (!within.length) continue;
      const number = (/** @type {HTMLElement} */ span) => Number(span.dataset.word);
      let from = { word: number(within[0]), offset: 0 };
      if (within[0].contains(range.startContainer)) from.offset = range.startOffset;
      if (from.offset >= layer.words[from.word][4].length && within.length > 1) {
        from = { word: from.word + 1, offset: 0 };
      }
      const last = within[within.length - 1];
      let to = { word: number(last), offset: layer.words[number(last)][4].length };
      if (last.contains(range.endContainer)) to.offset = Math.min(to.offset, range.endOffset);
      if (to.offset === 0 && to.word > from.word) {
        to = { word: to.word - 1, offset: layer.words[to.word - 1][4].length };
      }
      const quote = to.word >= from.word ? layer.slice(from, to) : "";
      if (quote.trim()) parts.push({ page: frame.page, quote, boxes: layer.boxes(from, to), from, to });
    }
    if (!parts.length) return null;
    const text = parts.map((part) => part.quote).join("\n");
    return { page: parts[0].page, text, quote: oneLine(text), citation: this.cite(parts), parts };
  }

  /** @param {Part[]} parts */
  cite(parts) {
    const { page } = parts[0];
    const end = parts[parts.length - 1].page;
    const quote = oneLine(parts.map((part) => part.quote).join("\n"));
    const label = end.id === page.id ? page.label : `${page.label}–${end.label}`;
    const number =
      end.id === page.id || end.document !== page.document ? `${page.number}` : `${page.number}–${end.number}`;
    return interpolate(gettext("“%(quote)s” %(label)s, %(source)s p. %(number)s"), {
      quote,
      label,
      source: page.document.exhibit || page.document.title,
      number,
    });
  }

  /** Put the bar beside the end of the selection, where there is room. */
  place() {
    if (!this.now || this.dragging) {
      this.bar.hidden = true;
      return;
    }
    const range = document.getSelection()?.rangeCount ? document.getSelection()?.getRangeAt(0) : null;
    const rects = range ? [...range.getClientRects()].filter((rect) => rect.width > 0) : [];
    const view = this.reader.view.getBoundingClientRect();
    const seen = rects.filter((rect) => rect.bottom > view.top && rect.top < view.bottom);
    if (!seen.length) {
      this.bar.hidden = true;
      return;
    }
    this.bar.hidden = false;
    const low = Math.max(...seen.map((rect) => rect.bottom));
    const high = Math.min(...seen.map((rect) => rect.top));
    const end = seen[seen.length - 1];
    const { width, height } = this.bar.getBoundingClientRect();
    const below = low + 8 + height < view.bottom;
    const top = below ? low + 8 : Math.max(view.top + 8, high - height - 8);
    const left = Math.min(Math.max(view.left + 8, end.right - width / 2), Math.max(view.left + 8, view.right - width - 8));
    this.bar.style.top = `${top}px`;
    this.bar.style.left = `${left}px`;
  }

  /** @param {ClipboardEvent} event */
  copied(event) {
    const text = this.override || (this.now && this.read()?.text);
    if (!text || !event.clipboardData) return;
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  }

  /** @param {string} text */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Not allowed, or no secure connection: the browser's own copying, with our text.
      this.override = text;
      document.execCommand("copy");
      this.override = "";
    }
    this.reader.say(gettext("Copied"));
    this.clear();
    this.reader.view.focus({ preventScroll: true });
  }
}
