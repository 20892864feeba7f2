// @ts-check
/** Searching the case beside the page: hits as one types, opened at the marked words. */

import { byId, count, element, gettext, interpolate, ngettext } from "./words.js";

/** @typedef {import("./reader.js").Reader} Reader */

/**
 * @typedef {object} Hit A hit as the search answers it.
 * @property {string} page
 * @property {string | null} label
 * @property {string} document
 * @property {string} title
 * @property {string} bundle
 * @property {string} snippet
 * @property {[string, boolean][]} [marked] the snippet in parts, and which are marked
 * @property {[number, number, number, number][]} highlights
 */

const PAUSE = 150;
const PORTION = 50;

/**
 * The pane is narrow: so much of what stands before the first marked word is left out that the word is in sight.
 * @param {[string, boolean][]} parts
 * @returns {[string, boolean][]}
 */
function near(parts) {
  const [first, ...others] = parts;
  if (!first || first[1] || first[0].length <= 60) return parts;
  const cut = first[0].slice(-50);
  return [[`…${cut.slice(cut.indexOf(" ") + 1)}`, false], ...others];
}

export class Search {
  /** @param {Reader} reader */
  constructor(reader) {
    this.reader = reader;
    this.form = /** @type {HTMLFormElement} */ (byId("reader-search-form"));
    this.box = /** @type {HTMLInputElement} */ (byId("reader-search-box"));
    this.said = byId("reader-search-said");
    this.list = byId("reader-hits");
    /** @type {Hit[]} */
    this.hits = [];
    this.total = 0;
    /** @type {string | null} */
    this.next = null;
    /** The hit that is chosen in the list, -1 for none. */
    this.at = -1;
    this.query = "";
    this.waiting = 0;
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {Promise<void>} */
    this.pending = Promise.resolve();
    /** Boxes to draw, by page. @type {Map<string, [number, number, number, number][]>} */
    this.boxes = new Map();

    this.box.addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = window.setTimeout(() => void this.ask(), PAUSE);
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.enter();
    });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.clicked(event));
    reader.on("draw", ({ page }) => this.mark(page.id));
    reader.on("page", () => this.current());
  }

  /** The box, ready to be typed into. */
  open() {
    this.reader.panes.show("left", "search");
    this.box.focus();
    this.box.select();
  }

  /**
   * Search for these words, as if they had been typed.
   * @param {string} words
   */
  async find(words) {
    this.box.value = words;
    await this.ask();
  }

  async ask() {
    clearTimeout(this.waiting);
    const query = this.box.value.trim();
    // What is asked for already is waited for, so that Enter right after typing opens something.
    if (query === this.query) return this.pending;
    this.query = query;
    this.asking?.abort();
    if (!query) {
      this.take([], 0, null);
      this.said.textContent = "";
      return;
    }
    this.pending = this.fetch(null);
    await this.pending;
  }

  /** @param {string | null} cursor */
  async fetch(cursor) {
    const asking = (this.asking = new AbortController());
    const { api, reference } = this.reader.config;
    const address = new URLSearchParams({ q: this.query, case: reference, limit: String(PORTION) });
    if (cursor) address.set("cursor", cursor);
    // Only what takes long is worth saying; answers mostly come in a few milliseconds.
    const slow = window.setTimeout(() => (this.said.textContent = gettext("Searching…")), 400);
    try {
      const answer = await fetch(`${api}/search?${address}`, {
        signal: asking.signal,
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      this.take(cursor ? [...this.hits, ...found.hits] : found.hits, found.total, found.next ?? null);
      if (!cursor) this.tell();
    } catch (error) {
      if (asking.signal.aborted) return;
      this.query = "";
      this.said.textContent = gettext("The search does not answer just now. Reading goes on; try again in a moment.");
    } finally {
      clearTimeout(slow);
    }
  }

  /**
   * @param {Hit[]} hits
   * @param {number} total
   * @param {string | null} next
   */
  take(hits, total, next) {
    const chosen = this.hits[this.at]?.page;
    this.hits = hits;
    this.total = total;
    this.next = next;
    this.at = chosen ? hits.findIndex((hit) => hit.page === chosen) : -1;
    this.boxes = new Map(hits.map((hit) => [hit.page, hit.highlights]));
    this.draw();
    for (const frame of this.reader.frames()) this.mark(frame.page.id);
    this.reader.emit("search", { query: this.query, total });
  }

  tell() {
    this.said.textContent = this.total
      ? interpolate(ngettext("%(count)s page", "%(count)s pages", this.total), { count: count(this.total) })
      : gettext("Nothing found. Fewer words or a star (van*) find more.");
  }

  draw() {
    /** @type {Node[]} */
    const rows = [];
    let doc = "";
    this.hits.forEach((hit, at) => {
      if (hit.document !== doc) {
        doc = hit.document;
        const heading = element("p", "reader-hits__document", hit.title);
        heading.setAttribute("role", "presentation");
        rows.push(heading);
      }
      const row = element("div", "reader-hit");
      row.id = `reader-hit-${at}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", String(at === this.at));
      row.dataset.hit = String(at);
      const snippet = element("span", "reader-hit__snippet");
      for (const [text, marked] of near(hit.marked ?? [[hit.snippet, false]])) {
        snippet.append(marked ? element("mark", "", text) : text);
      }
      const label = element("span", "reader-hit__label", hit.label ?? "–");
      // "UND2-181" has a line of its own: beside the words it would take half of the pane.
      row.classList.toggle("reader-hit--long", (hit.label ?? "").length > 5);
      row.append(label, snippet);
      rows.push(row);
    });
    if (this.next) {
      const more = element("button", "reader-small-button reader-hits__more", gettext("Show more"));
      more.type = "button";
      more.dataset.more = "";
      rows.push(more);
    }
    this.list.replaceChildren(...rows);
    this.box.setAttribute("aria-expanded", String(this.hits.length > 0));
    this.current();
    this.choose(this.at, false);
  }

  /**
   * @param {number} at
   * @param {boolean} [show]
   */
  choose(at, show = true) {
    this.list.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    this.at = at;
    const row = this.list.querySelector(`[data-hit="${at}"]`);
    if (!(row instanceof HTMLElement)) {
      this.box.removeAttribute("aria-activedescendant");
      return;
    }
    row.setAttribute("aria-selected", "true");
    this.box.setAttribute("aria-activedescendant", row.id);
    if (show && this.list.offsetParent) row.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !this.hits.length) return;
    event.preventDefault();
    this.choose(Math.min(Math.max(this.at + by, 0), this.hits.length - 1));
    if (this.at === this.hits.length - 1 && this.next) void this.fetch(this.next);
  }

  async enter() {
    await this.ask();
    if (!this.hits.length) return;
    // The focus goes along: N leads on to the next hit, S selects what was found, / comes back here.
    this.go(Math.max(this.at, 0), true);
    this.reader.panes.done();
  }

  /**
   * The hit after (1) or before (-1) the one that was opened last.
   * @param {1 | -1} by
   */
  async step(by) {
    if (!this.hits.length) {
      this.open();
      return;
    }
    let at = this.at + by;
    if (at >= this.hits.length && this.next) await this.fetch(this.next);
    if (at >= this.hits.length) at = 0;
    if (at < 0) at = this.hits.length - 1;
    this.go(at);
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("[data-more]")) {
      void this.fetch(this.next);
      return;
    }
    const row = target.closest("[data-hit]");
    if (!(row instanceof HTMLElement)) return;
    this.go(Number(row.dataset.hit));
    this.reader.panes.done();
  }

  /**
   * @param {number} at
   * @param {boolean} [focus] the page takes the focus
   */
  go(at, focus = false) {
    this.choose(at);
    const hit = this.hits[at];
    const [box] = hit.highlights;
    const view = box ? { x: box[0], y: box[1], w: box[2] - box[0], h: box[3] - box[1] } : undefined;
    if (this.reader.goTo(hit.page, { push: true, view, focus })) {
      for (const frame of this.reader.frames()) this.mark(frame.page.id);
      this.reader.say(
        interpolate(gettext("Hit %(number)s of %(total)s, page %(label)s"), {
          number: at + 1,
          total: count(this.total),
          label: hit.label ?? "",
        }),
      );
    } else if (hit.label && hit.bundle !== this.reader.config.bundle) {
      location.assign(this.reader.bundleHref(hit.bundle, hit.label, this.query));
    }
  }

  /**
   * Draw the marked words of a page.
   * @param {string} id
   */
  mark(id) {
    const frame = this.reader.frame(id);
    if (!frame) return;
    const strong = this.hits[this.at]?.page === id;
    frame.hits.replaceChildren(
      ...(this.boxes.get(id) ?? []).map(([x0, y0, x1, y1]) => {
        const box = element("div", strong ? "page__hit page__hit--now" : "page__hit");
        box.style.left = `${x0 * 100}%`;
        box.style.top = `${y0 * 100}%`;
        box.style.width = `${(x1 - x0) * 100}%`;
        box.style.height = `${(y1 - y0) * 100}%`;
        return box;
      }),
    );
  }

  /** Say in the list which of its pages is in view. */
  current() {
    const page = this.reader.pageInView?.id;
    this.hits.forEach((hit, at) => {
      this.list.querySelector(`[data-hit="${at}"]`)?.classList.toggle("reader-hit--in-view", hit.page === page);
    });
  }
}
