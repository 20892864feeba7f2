// @ts-check
/** The two panes beside the pages, which fold away; on a phone each is a sheet over the page. */

import { byId } from "./words.js";

/** @typedef {"left" | "right"} Side */
/** @typedef {"contents" | "thumbs" | "search"} Tab */

const STORE = "reader:panes";
const TABS = /** @type {const} */ (["contents", "thumbs", "search"]);
const PHONE = window.matchMedia("(max-width: 640px)");
/** Where both panes would leave too little for the page, they start folded. */
const ROOM = { left: 900, right: 1200 };

export class Panes {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.elements = { left: byId("reader-left"), right: byId("reader-right") };
    this.buttons = {
      left: [...document.querySelectorAll('[data-command="left"]')],
      right: [...document.querySelectorAll('[data-command="right"]')],
    };
    /** Where the other room puts its own. */
    this.body = byId("reader-right-body");
    this.claimed = false;
    /** @type {Tab} */
    this.tab = "contents";
    /** @type {Record<Side, boolean>} */
    this.open = { left: window.innerWidth >= ROOM.left, right: window.innerWidth >= ROOM.right };
    /** @type {Side | null} */
    this.sheet = null;
    /** @type {HTMLElement | null} */
    this.opener = null;
    /** @type {((tab: Tab) => void)[]} */
    this.shown = [];
    this.remembered();

    for (const name of TABS) byId(`reader-tab-${name}`).addEventListener("click", () => this.choose(name));
    byId("reader-left").querySelector("[role=tablist]")?.addEventListener("keydown", (event) => {
      this.arrows(/** @type {KeyboardEvent} */ (event));
    });
    for (const button of document.querySelectorAll("[data-close]")) {
      const side = button.getAttribute("data-close");
      if (side === "left" || side === "right") button.addEventListener("click", () => this.hide(side));
    }
    for (const button of document.querySelectorAll("[data-sheet]")) {
      const name = /** @type {HTMLElement} */ (button).dataset.sheet;
      button.addEventListener("click", () => {
        if (name === "right") this.show("right");
        else this.show("left", /** @type {Tab} */ (name));
      });
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.sheet && !event.defaultPrevented) this.hide(this.sheet);
    });
    PHONE.addEventListener("change", () => {
      this.endSheet();
      this.draw();
    });
    this.draw();
  }

  get phone() {
    return PHONE.matches;
  }

  remembered() {
    try {
      const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
      if (TABS.includes(kept.tab)) this.tab = kept.tab;
      // What somebody chose on a wide window would bury the page in a narrow one.
      if (kept.left === false || window.innerWidth >= ROOM.left) this.open.left = kept.left ?? this.open.left;
      if (kept.right === false || window.innerWidth >= ROOM.right) this.open.right = kept.right ?? this.open.right;
    } catch {
      // No storage, nothing remembered.
    }
  }

  remember() {
    if (this.phone) return;
    try {
      localStorage.setItem(STORE, JSON.stringify({ ...this.open, tab: this.tab }));
    } catch {
      // As above.
    }
  }

  /**
   * Another room takes the right pane: its title stands over it, and its buttons appear.
   * @param {string} title
   * @returns {HTMLElement} what is theirs
   */
  claim(title) {
    this.claimed = true;
    byId("reader-right-title").textContent = title;
    byId("reader-right-word").textContent = title;
    byId("reader-bottom-right-word").textContent = title;
    byId("reader-bottom-right").hidden = false;
    for (const button of this.buttons.right) /** @type {HTMLElement} */ (button).hidden = false;
    this.draw();
    return this.body;
  }

  /** @param {Side} side */
  visible(side) {
    if (side === "right" && !this.claimed) return false;
    return this.phone ? this.sheet === side : this.open[side];
  }

  draw() {
    for (const side of /** @type {Side[]} */ (["left", "right"])) {
      const visible = this.visible(side);
      this.elements[side].hidden = !visible;
      for (const button of this.buttons[side]) {
        button.setAttribute("aria-expanded", String(visible));
        button.setAttribute("aria-controls", this.elements[side].id);
      }
    }
    for (const name of TABS) {
      const tab = byId(`reader-tab-${name}`);
      tab.setAttribute("aria-selected", String(name === this.tab));
      tab.tabIndex = name === this.tab ? 0 : -1;
      byId(`reader-${name}`).hidden = name !== this.tab;
    }
    this.changed();
    if (this.visible("left")) for (const tell of this.shown) tell(this.tab);
  }

  /** @param {KeyboardEvent} event */
  arrows(event) {
    const at = TABS.indexOf(this.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const name = TABS[(to + TABS.length) % TABS.length];
    this.choose(name);
    byId(`reader-tab-${name}`).focus();
  }

  /** @param {Tab} tab */
  choose(tab) {
    this.tab = tab;
    this.remember();
    this.draw();
  }

  /**
   * @param {Side} side
   * @param {Tab} [tab]
   */
  show(side, tab) {
    if (side === "right" && !this.claimed) return;
    if (tab) this.tab = tab;
    if (this.phone) {
      if (!this.sheet) this.opener = /** @type {HTMLElement | null} */ (document.activeElement);
      this.endSheet();
      this.sheet = side;
      const pane = this.elements[side];
      pane.setAttribute("role", "dialog");
      pane.setAttribute("aria-modal", "true");
      this.draw();
      for (const other of this.behind(side)) other.inert = true;
      const first = tab === "search" ? "#reader-search-box" : '[aria-selected="true"], .reader-pane__close';
      /** @type {HTMLElement | null} */ (pane.querySelector(first))?.focus();
    } else {
      this.open[side] = true;
      this.remember();
      this.draw();
    }
  }

  /** @param {Side} side */
  behind(side) {
    const other = side === "left" ? "right" : "left";
    return [byId("reader-bar"), byId("main-content"), byId("reader-bottom"), this.elements[other]];
  }

  endSheet() {
    if (!this.sheet) return;
    const pane = this.elements[this.sheet];
    pane.setAttribute("role", "complementary");
    pane.removeAttribute("aria-modal");
    for (const other of this.behind(this.sheet)) other.inert = false;
    this.sheet = null;
  }

  /** @param {Side} side */
  hide(side) {
    const within = this.elements[side].contains(document.activeElement);
    if (this.phone) {
      this.endSheet();
      this.draw();
      if (this.opener?.isConnected) this.opener.focus();
      else byId("main-content").focus({ preventScroll: true });
      return;
    }
    this.open[side] = false;
    this.remember();
    this.draw();
    if (within) byId("main-content").focus({ preventScroll: true });
  }

  /** @param {Side} side */
  toggle(side) {
    if (this.visible(side)) this.hide(side);
    else this.show(side);
  }

  /** A sheet goes away when something in it was chosen; a pane stays. */
  done() {
    if (this.phone && this.sheet) this.hide(this.sheet);
  }
}
