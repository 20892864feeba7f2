// @ts-check
/** The contents: sections and their documents, the one in view marked, and what was never opened said in words. */

import { byId, count, day, element, gettext, interpolate, ngettext } from "./words.js";

/** @typedef {import("./model.js").Doc} Doc */
/** @typedef {import("./reader.js").Reader} Reader */

/** Fewer documents than this are all there at once; of more, the sections that are open. */
const ALL = 300;
const MOST = 200;

/** @param {string} text */
function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

export class Contents {
  /** @param {Reader} reader */
  constructor(reader) {
    this.reader = reader;
    this.list = byId("reader-contents-list");
    this.box = /** @type {HTMLInputElement} */ (byId("reader-contents-filter"));
    this.said = byId("reader-contents-count");
    /** Letters of the sections that somebody opened; the one in view is open beside them. @type {Set<string>} */
    this.open = new Set();
    /** The section in view, unless it was closed by hand. */
    this.here = "";
    this.waiting = 0;
    /** @type {Doc | null} */
    this.current = null;
    this.box.addEventListener("input", () => this.draw());
    this.list.addEventListener("click", (event) => this.clicked(event));
    reader.on("page", () => {
      // Who scrolls through a hundred documents wants the page at once, and the pane when they stop.
      clearTimeout(this.waiting);
      this.waiting = window.setTimeout(() => this.mark(), 60);
    });
    reader.on("pages", () => this.fresh());
    reader.on("opened", (doc) => this.row(doc)?.querySelector(".reader-doc__unread")?.remove());
    reader.panes.shown.push((tab) => {
      if (tab === "contents") this.show();
    });
    this.fresh();
  }

  fresh() {
    const { documents, sections } = this.reader.pages;
    if (documents.length <= ALL) for (const { letter } of sections) this.open.add(letter);
    this.current = this.reader.pageInView?.document ?? null;
    if (this.current) this.here = this.current.section;
    this.draw();
    this.show();
  }

  draw() {
    const words = fold(this.box.value).split(/\s+/).filter(Boolean);
    this.list.replaceChildren(...(words.length ? this.filtered(words) : this.tree()));
    if (!words.length) this.said.textContent = "";
    this.marked();
  }

  /** @param {string[]} words */
  filtered(words) {
    const { pages } = this.reader;
    const found = pages.documents.filter((doc) => {
      const text = fold(`${doc.title} ${doc.exhibit} ${doc.section} ${pages.span(doc)}`);
      return words.every((word) => text.includes(word));
    });
    this.said.textContent = interpolate(
      ngettext("%(count)s document", "%(count)s documents", found.length),
      { count: count(found.length) },
    );
    if (!found.length) return [element("p", "reader-quiet", gettext("No document has these words in its title."))];
    const list = element("ul", "reader-docs");
    list.append(...found.slice(0, MOST).map((doc) => this.item(doc)));
    const rest = found.length - MOST;
    if (rest <= 0) return [list];
    const more = interpolate(gettext("and %(count)s more: type another word"), { count: count(rest) });
    return [list, element("p", "reader-quiet", more)];
  }

  tree() {
    const { documents, sections } = this.reader.pages;
    /** @type {Map<string, Doc[]>} */
    const by = new Map(sections.map(({ letter }) => [letter, []]));
    for (const doc of documents) by.get(doc.section)?.push(doc);
    return sections
      .filter(({ letter }) => by.get(letter)?.length)
      .map(({ letter, title }) => {
        const docs = /** @type {Doc[]} */ (by.get(letter));
        const open = this.open.has(letter) || this.here === letter;
        const part = element("section", "reader-section");
        const heading = element("h2", "reader-section__heading");
        const button = element("button", "reader-section__button");
        button.type = "button";
        button.dataset.section = letter;
        button.setAttribute("aria-expanded", String(open));
        button.append(
          element("span", "reader-section__letter", letter),
          element("span", "reader-section__title", title),
          element("span", "reader-section__count", count(docs.length)),
        );
        button.lastElementChild?.setAttribute("aria-hidden", "true");
        heading.append(button);
        part.append(heading);
        if (open) {
          const list = element("ul", "reader-docs");
          list.append(...docs.map((doc) => this.item(doc)));
          part.append(list);
        }
        return part;
      });
  }

  /** @param {Doc} doc */
  item(doc) {
    const { pages } = this.reader;
    const item = element("li", "reader-doc");
    const link = element("a", "reader-doc__link");
    link.href = this.reader.href(pages.at(doc.at));
    link.dataset.document = doc.id;
    const top = element("span", "reader-doc__top");
    top.append(element("span", "reader-doc__span", pages.span(doc) || gettext("Not served yet")));
    if (doc.new) top.append(element("span", "reader-doc__new", gettext("New")));
    if (doc.unread) {
      const unread = element("span", "reader-doc__unread");
      unread.append(element("span", "govuk-visually-hidden", gettext("not opened yet")));
      top.append(unread);
    }
    const more = [doc.exhibit, doc.date ? day(doc.date) : ""].filter(Boolean).join(" · ");
    link.append(top, element("span", "reader-doc__title", doc.title));
    if (more) link.append(element("span", "reader-doc__more", more));
    item.append(link);
    return item;
  }

  /** @param {Doc} doc */
  row(doc) {
    return this.list.querySelector(`[data-document="${doc.id}"]`);
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const button = target.closest("[data-section]");
    if (button instanceof HTMLElement && button.dataset.section !== undefined) {
      const { section } = button.dataset;
      const open = this.open.has(section) || this.here === section;
      if (open) {
        this.open.delete(section);
        if (this.here === section) this.here = "";
      } else {
        this.open.add(section);
      }
      this.draw();
      /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-section="${section}"]`))?.focus();
    }
  }

  mark() {
    const doc = this.reader.pageInView?.document ?? null;
    if (doc === this.current) return;
    this.current = doc;
    if (doc && this.here !== doc.section && !this.box.value) {
      const redraw = !this.open.has(doc.section) || !this.open.has(this.here);
      this.here = doc.section;
      if (redraw) this.draw();
    }
    this.marked();
    this.show();
  }

  marked() {
    for (const old of this.list.querySelectorAll("[aria-current]")) old.removeAttribute("aria-current");
    if (this.current) this.row(this.current)?.setAttribute("aria-current", "true");
  }

  /** Bring the document in view into the pane, without moving the page. */
  show() {
    const row = this.current && this.row(this.current);
    if (!(row instanceof HTMLElement) || !this.list.offsetParent) return;
    const box = this.list.getBoundingClientRect();
    const at = row.getBoundingClientRect();
    if (at.top < box.top || at.bottom > box.bottom) {
      this.list.scrollTop += at.top - box.top - box.height / 3;
    }
  }
}
