// @ts-check
/** The right pane: the notes of the pages in view, each beside its place, and the form for a new one among them. */

import { element, gettext, interpolate } from "../reader/words.js";
import { Card } from "./card.js";
import { NoteForm } from "./form.js";
import { hiddenNow } from "./marks.js";
import { topOf } from "./model.js";

/** @typedef {import("./model.js").Draft} Draft */
/** @typedef {import("./model.js").Note} Note */
/** @typedef {import("./model.js").Setup} Setup */
/** @typedef {import("./card.js").Room} Room */
/** @typedef {{element: HTMLElement, page: string, top: number}} Item Something in the list with a place on a page. */
/** @typedef {Item & {form: NoteForm, draft: Draft}} Composer */

const GAP = 8;

export class Pane {
  /**
   * @param {Omit<Room, "resized" | "activate" | "again">} room
   * @param {Setup} setup
   */
  constructor(room, setup) {
    /** @type {Room} */
    this.room = {
      ...room,
      resized: () => this.soon(),
      activate: (id) => this.activate(id),
      again: (id) => this.again(id),
    };
    this.setup = setup;
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    /** @type {Composer | null} */
    this.composer = null;
    this.waiting = 0;
    this.reached = true;
    this.connected = true;

    const body = room.reader.panes.claim(gettext("Notes"));
    this.body = body;
    this.root = element("div", "notes");
    this.content = element("div", "notes__content");
    this.said = element("p", "notes__said");
    this.head();
    this.list = element("ol", "notes__list");
    this.list.setAttribute("aria-label", gettext("Notes on the pages in view"));
    this.empty = element("p", "reader-quiet notes__empty");
    this.content.append(this.empty, this.list);
    this.foot();
    body.append(this.root);

    const { reader, store } = room;
    reader.on("scroll", () => this.soon());
    reader.on("draw", () => this.soon());
    reader.on("pages", () => this.soon());
    store.on("page", () => this.soon());
    store.on("saved", ({ temporary, note }) => {
      const card = this.cards.get(temporary);
      if (!card) return;
      this.cards.delete(temporary);
      this.cards.set(note.id, card);
    });
    store.on("reach", (yes) => {
      this.reached = yes;
      this.connection();
    });
    new ResizeObserver(() => this.soon()).observe(body);
  }

  head() {
    const head = element("div", "notes__head");
    // Who presents may be showing this very screen to everybody.
    const veil = element("div", "notes__veil");
    veil.append(element("p", "", gettext("Notes are hidden while you present: whoever sees your screen does not see them.")));
    const show = element("button", "reader-small-button", gettext("Show notes on my screen"));
    show.type = "button";
    show.addEventListener("click", () => this.reveal(true));
    veil.append(show);
    const bare = element("div", "notes__veil notes__veil--off");
    bare.append(element("p", "", gettext("You are presenting, and notes show on your screen.")));
    const hide = element("button", "reader-small-button", gettext("Hide notes"));
    hide.type = "button";
    hide.addEventListener("click", () => this.reveal(false));
    bare.append(hide);
    this.said.setAttribute("role", "status");
    this.said.hidden = true;

    if (this.setup.may) {
      const row = element("div", "notes__new");
      for (const [command, text] of [["note", gettext("New note")], ["area", gettext("Mark an area")]]) {
        const button = element("button", "reader-small-button", text);
        button.type = "button";
        button.dataset.command = command;
        row.append(button);
      }
      const { audiences } = this.room;
      const line = element("p", "notes__audience");
      const words = element("strong");
      const change = element("button", "note__button", gettext("Change"));
      change.type = "button";
      change.setAttribute("aria-expanded", "false");
      change.setAttribute("aria-controls", "notes-audience");
      change.setAttribute("aria-label", gettext("Change who sees what I write next"));
      line.append(gettext("What I write next is seen by"), " ", words, " ", change);
      const holder = element("div");
      holder.id = "notes-audience";
      holder.hidden = true;
      const told = () => {
        words.textContent = audiences.words(audiences.now);
      };
      const open = (/** @type {boolean} */ yes) => {
        holder.hidden = !yes;
        change.setAttribute("aria-expanded", String(yes));
        holder.replaceChildren(...(yes ? [audiences.chooser(audiences.now, (value) => audiences.choose(value))] : []));
        this.soon();
      };
      change.addEventListener("click", () => open(holder.hidden));
      holder.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        open(false);
        change.focus();
      });
      audiences.on("change", told);
      told();
      head.append(row, line, holder);
    }
    this.content.append(head);
    this.root.append(veil, bare, this.said, this.content);
  }

  foot() {
    const foot = element("div", "notes__foot");
    if (this.setup.list) {
      const all = element("a", "govuk-link", gettext("All notes in this case"));
      all.href = this.setup.list;
      foot.append(all);
    }
    const print = element("label", "notes__print");
    const choice = element("select", "notes__select");
    const options = [["", gettext("no notes")], ["case", gettext("notes for everybody")], ["shared", gettext("notes that are shared")], ["all", gettext("my private notes too")]];
    for (const [value, text] of options) choice.append(new Option(text, value));
    // Never kept: what is printed is chosen each time.
    choice.addEventListener("change", () => {
      if (choice.value) document.body.dataset.printNotes = choice.value;
      else delete document.body.dataset.printNotes;
    });
    print.append(gettext("Print the page with"), " ", choice);
    foot.append(print);
    this.content.append(foot);
  }

  // --- what is shown --------------------------------------------------------------------------------

  /** Once, before the next frame. */
  soon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.draw();
    });
  }

  /** Ids of the pages that are seen, from the top. */
  seen() {
    const { reader } = this.room;
    const view = reader.view.getBoundingClientRect();
    const pages = [];
    for (const frame of reader.frames()) {
      const box = frame.sheet.getBoundingClientRect();
      if (box.bottom > view.top + 4 && box.top < view.bottom - 4) pages.push(frame.page.id);
    }
    return pages;
  }

  draw() {
    const { reader, store } = this.room;
    if (!reader.panes.visible("right")) return;
    const pages = this.seen();
    /** @type {Item[]} */
    const items = [];
    const shown = new Set();
    for (const page of pages) {
      for (const note of store.of(page)) {
        let card = this.cards.get(note.id);
        if (card) card.update(note);
        else this.cards.set(note.id, (card = new Card(this.room, note)));
        items.push(card);
        shown.add(note.id);
      }
    }
    for (const [id, card] of this.cards) {
      if (shown.has(id)) continue;
      // What somebody is writing stays, wherever the pages go; and so does what was not saved.
      const kept = store.find(id);
      if (kept && (card.busy || kept.state)) {
        card.update(kept);
        items.push(card);
      } else if (card.dirty) items.push(card);
      else this.cards.delete(id);
    }
    if (this.composer) items.push(this.composer);
    const order = new Map(items.map((item) => [item, reader.pages.indexOf(item.page)]));
    items.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0) || a.top - b.top);
    this.place(items.map((item) => item.element));
    this.align(items, new Set(pages));

    const label = reader.pageInView?.label ?? "";
    this.empty.hidden = items.length > 0;
    if (!items.length) {
      const [one] = pages;
      const text = pages.length === 1 && one ? interpolate(gettext("No notes on %(label)s that you can see."), { label }) : gettext("No notes on these pages that you can see.");
      const how = this.setup.may ? gettext("Select words on the page to highlight them or to write about them.") : "";
      const said = how ? `${text} ${how}` : text;
      if (this.empty.textContent !== said) this.empty.textContent = said;
    }
  }

  /** @param {HTMLElement[]} elements in order; what stands right already is not touched, so that focus stays */
  place(elements) {
    const wanted = new Set(elements);
    for (const child of [...this.list.children]) if (!wanted.has(/** @type {HTMLElement} */ (child))) child.remove();
    let before = /** @type {Element | null} */ (this.list.firstElementChild);
    for (const one of elements) {
      if (one === before) {
        before = before.nextElementSibling;
        continue;
      }
      this.list.insertBefore(one, before);
    }
  }

  /**
   * Put each beside its place on the page, as far as there is room; none over another.
   * @param {Item[]} items
   * @param {Set<string>} seen
   */
  align(items, seen) {
    const { reader } = this.room;
    if (reader.panes.phone || reader.turned) {
      for (const { element: one } of items) one.style.marginTop = "";
      return;
    }
    const heights = items.map((item) => item.element.offsetHeight);
    const start = this.list.getBoundingClientRect().top + this.body.scrollTop;
    const room = this.body.getBoundingClientRect().bottom - start - GAP;
    const sheets = new Map([...seen].map((page) => [page, reader.frame(page)?.sheet.getBoundingClientRect()]));
    const wanted = items.map((item) => {
      const sheet = sheets.get(item.page);
      // One whose page went by stays where the list lets it.
      return sheet ? sheet.top + item.top * sheet.height - start : 0;
    });
    let end = 0;
    const tops = wanted.map((top, at) => {
      const here = Math.max(top, end);
      end = here + heights[at] + GAP;
      return here;
    });
    let limit = room;
    for (let at = tops.length - 1; at >= 0; at -= 1) {
      tops[at] = Math.min(tops[at], limit - heights[at]);
      limit = tops[at] - GAP;
    }
    end = 0;
    items.forEach((item, at) => {
      const here = Math.max(tops[at], end);
      item.element.style.marginTop = `${Math.round(here - end)}px`;
      end = here + heights[at] + GAP;
    });
  }

  /** @param {string} id */
  activate(id) {
    this.room.marks.activate(id);
    for (const [one, card] of this.cards) card.element.classList.toggle("is-active", one === id);
  }

  /**
   * Open the pane at a note, with the focus on it.
   * @param {string} id
   */
  open(id) {
    if (hiddenNow()) return;
    this.room.reader.panes.show("right");
    this.draw();
    this.activate(id);
    this.cards.get(id)?.focus();
  }

  // --- while presenting, while there is no connection -----------------------------------------------

  /** @param {boolean} yes */
  reveal(yes) {
    const { keys } = this.room.reader;
    // The court has a button of its own for this, which must say the same.
    if (document.body.classList.contains("show-notes") !== yes) keys.run("own-notes");
    document.body.classList.toggle("show-notes", yes);
    this.soon();
  }

  connection() {
    const text = !this.reached
      ? gettext("Notes could not be fetched just now. They will come when the server answers.")
      : !this.connected
        ? gettext("Not connected just now: new notes of others will come when the connection is back.")
        : "";
    if (this.said.textContent !== text) this.said.textContent = text;
    this.said.hidden = !text;
    this.soon();
  }

  // --- writing --------------------------------------------------------------------------------------

  get dirty() {
    return Boolean(this.composer?.form.dirty) || [...this.cards.values()].some((card) => card.dirty);
  }

  /**
   * Write a note on a place.
   * @param {Omit<Draft, "audience">} draft
   * @param {import("./model.js").Audience} [audience] where it is not that of new notes
   */
  compose(draft, audience) {
    const { reader, store, audiences, marks, longest, resized } = this.room;
    if (hiddenNow()) {
      reader.tell(gettext("Notes are hidden while you present. Show them first, in the pane of notes."));
      return;
    }
    if (this.composer?.form.dirty) {
      reader.panes.show("right");
      this.draw();
      this.composer.form.focus();
      this.composer.form.fail(gettext("Save or cancel this first."));
      return;
    }
    this.close();
    const label = reader.pages.byId(draft.page)?.label ?? "";
    const item = element("li", "note note--new");
    const title = element("h3", "note__by", interpolate(gettext("New note on %(label)s"), { label }));
    item.append(title);
    if (draft.kind === "area") item.append(element("p", "note__place", gettext("A marked area")));
    else if (draft.quote) item.append(element("p", "note__quote", `“${draft.quote.length > 220 ? `${draft.quote.slice(0, 219)}…` : draft.quote}”`));
    else item.append(element("p", "note__place", gettext("About the page")));
    const form = new NoteForm({
      label: draft.kind === "area" || draft.kind === "highlight" ? gettext("Note (you can leave this empty)") : gettext("Note"),
      audiences,
      longest,
      body: draft.body,
      tags: draft.tags,
      audience: audience ?? audiences.now,
      needed: draft.kind === "note",
      submit: (value) => audiences.saves(value ?? audiences.now),
      chosen: (value) => audiences.choose(value),
      save: (written) => {
        this.close();
        void store.create({ ...draft, ...written });
        reader.panes.done();
        reader.view.focus({ preventScroll: true });
      },
      cancel: () => {
        this.close();
        reader.panes.done();
        reader.view.focus({ preventScroll: true });
      },
      resized,
    });
    item.append(form.element);
    this.composer = { element: item, page: draft.page, top: topOf(draft), form, draft: { ...draft, audience: audience ?? audiences.now } };
    marks.propose({ page: draft.page, quads: draft.quads });
    reader.panes.show("right");
    this.draw();
    form.focus();
  }

  close() {
    if (!this.composer) return;
    this.composer.element.remove();
    this.composer = null;
    this.room.marks.propose(null);
    this.soon();
  }

  /**
   * Open what was not saved in the form once more.
   * @param {string} id
   */
  again(id) {
    if (this.composer?.form.dirty) {
      this.composer.form.focus();
      this.composer.form.fail(gettext("Save or cancel this first."));
      return;
    }
    const draft = this.room.store.discard(id);
    if (!draft) return;
    this.compose(draft, draft.audience);
    // Nothing is lost by a second press of Escape either.
    if (this.composer && draft.body) this.composer.form.begun = "";
  }
}

