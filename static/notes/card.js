// @ts-check
/** One note in the pane: who wrote it, when, who sees it, its words and replies, and what may be done with it. */

import { element, gettext, interpolate, moment } from "../reader/words.js";
import { NoteForm } from "./form.js";
import { kindOf } from "./marks.js";
import { initials, topOf } from "./model.js";
import { Problem } from "./store.js";

/** @typedef {import("./model.js").Note} Note */
/** @typedef {import("../reader/reader.js").Reader} Reader */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./audience.js").Audiences} Audiences */
/** @typedef {import("./marks.js").Marks} Marks */

/**
 * @typedef {object} Room What cards work with.
 * @property {Reader} reader
 * @property {Store} store
 * @property {Audiences} audiences
 * @property {Marks} marks
 * @property {number} longest
 * @property {boolean} may write notes
 * @property {() => void} resized
 * @property {(id: string) => void} activate
 * @property {(id: string) => void} again open a note that was not saved in the form once more
 */

const QUOTE = 220;
// Labels as people write them in a note: B12, UND1.5, J3.1.
const LABEL = /\b[A-Z]{1,6}\d+(?:\.\d+)*\b/g;

/**
 * When something was written, in words: the time alone where it was today.
 * @param {string} iso
 */
export function when(iso) {
  const { day, time } = moment(new Date(iso));
  if (day === moment(new Date()).day) return interpolate(gettext("today at %(time)s"), { time });
  return interpolate(gettext("%(day)s at %(time)s"), { day, time });
}

export class Card {
  /**
   * @param {Room} room
   * @param {Note} note
   */
  constructor(room, note) {
    this.room = room;
    this.note = note;
    this.said = "";
    /** @type {NoteForm | null} */
    this.form = null;
    this.element = element("li", "note");
    this.article = element("article", "note__card");
    this.article.tabIndex = -1;
    this.main = element("div", "note__main");
    this.under = element("div", "note__under");
    this.article.append(this.main, this.under);
    this.element.append(this.article);
    this.article.addEventListener("click", (event) => this.clicked(event));
    this.article.addEventListener("keydown", (event) => this.pressed(event));
    this.article.addEventListener("pointerenter", () => this.room.activate(this.note.id));
    this.article.addEventListener("focusin", () => this.room.activate(this.note.id));
    this.update(note);
  }

  get page() {
    return this.note.page;
  }

  get top() {
    return topOf(this.note);
  }

  /** Whether something is being written in it. */
  get busy() {
    return this.form !== null;
  }

  get dirty() {
    return this.form?.dirty ?? false;
  }

  /** @param {Note} note */
  update(note) {
    this.note = note;
    const label = this.room.reader.pages.byId(note.page)?.label ?? "";
    const said = JSON.stringify([note, label]);
    if (said === this.said) return;
    this.said = said;
    const focused = this.main.contains(document.activeElement) ? document.activeElement?.getAttribute("data-do") : null;
    this.element.dataset.note = note.id;
    this.element.dataset.side = this.room.audiences.side(note.author);
    this.element.dataset.reach = note.audience;
    this.element.dataset.state = note.state ?? "saved";
    this.main.replaceChildren(...this.content(note, label));
    if (focused) /** @type {HTMLElement} */ (this.main.querySelector(`[data-do="${focused}"]`) ?? this.article).focus();
  }

  /**
   * @param {Note} note
   * @param {string} label
   * @returns {HTMLElement[]}
   */
  content(note, label) {
    const { audiences, reader } = this.room;
    const id = `note-by-${note.id}`;
    this.article.setAttribute("aria-labelledby", id);

    const head = element("div", "note__head");
    const badge = element("span", "note__initials", initials(note.author.name));
    badge.setAttribute("aria-hidden", "true");
    const by = element("h3", "note__by");
    by.id = id;
    const kind = element("span", "govuk-visually-hidden", `${kindOf(note)}: `);
    by.append(kind, element("span", "note__name", note.author.name), " ", this.side(note));
    const link = element("a", "note__label", label);
    const page = reader.pages.byId(note.page);
    if (page) link.href = reader.href(page);
    link.dataset.do = "show";
    link.setAttribute("aria-label", interpolate(gettext("%(label)s: show it on the page"), { label }));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.room.marks.show(this.note);
    });
    head.append(badge, by, link);
    /** @type {HTMLElement[]} */
    const parts = [head];

    if (note.quote.exact) {
      parts.push(element("p", "note__quote", `“${short(note.quote.exact)}”`));
      // The document was replaced, and its new version does not have them.
      if (!note.quads.length) parts.push(element("p", "note__place", gettext("These words are not in the document any more.")));
    } else if (note.kind === "area") parts.push(element("p", "note__place", gettext("A marked area")));
    else if (!note.quads.length) parts.push(element("p", "note__place", gettext("About the page")));
    if (note.body) parts.push(this.words(note.body));
    if (note.tags.length) {
      const tags = element("ul", "note__tags");
      tags.setAttribute("aria-label", gettext("Tags"));
      tags.append(...note.tags.map((tag) => element("li", "note__tag", tag)));
      parts.push(tags);
    }

    const seen = element("p", "note__seen");
    seen.append(gettext("Seen by"), " ", element("strong", "note__who", audiences.of(note)));
    parts.push(seen, this.state(note));
    if (note.replies.length) parts.push(this.replies(note));
    if (!note.state && this.room.may) parts.push(this.actions(note));
    return parts;
  }

  /** @param {Note} note */
  side(note) {
    const slugs = note.author.parties?.length ? note.author.parties : note.author.party ? [note.author.party] : [];
    return element("span", "note__party", this.room.audiences.parties(slugs));
  }

  /**
   * Words with the labels in them as links.
   * @param {string} text
   */
  words(text) {
    const { reader } = this.room;
    const body = element("p", "note__body");
    body.dir = "auto";
    let at = 0;
    for (const match of text.matchAll(LABEL)) {
      const index = reader.pages.find(match[0]);
      if (index < 0) continue;
      body.append(text.slice(at, match.index));
      const link = element("a", "note__link", match[0]);
      link.href = reader.href(reader.pages.at(index));
      body.append(link);
      at = match.index + match[0].length;
    }
    body.append(text.slice(at));
    return body;
  }

  /** @param {Note} note */
  time(note) {
    const time = element("time", "", when(note.created));
    time.dateTime = note.created;
    return time;
  }

  /** @param {Note} note */
  state(note) {
    const line = element("div", "note__state");
    if (!note.state) {
      line.append(this.time(note));
      if (note.edited) line.append(` · ${gettext("edited")}`);
      return line;
    }
    if (note.state === "saving") {
      line.append(gettext("Saving…"));
      return line;
    }
    line.classList.add("note__state--failed");
    const said = element("p", "", `${gettext("Not saved. What you wrote is still here.")} ${note.problem ?? ""}`);
    said.setAttribute("role", "alert");
    line.append(said);
    const { store, again } = this.room;
    const row = element("div", "note__actions");
    if (note.state === "failed") row.append(this.button("retry", gettext("Try again"), () => void store.retry(note.id)));
    row.append(
      this.button("again", gettext("Change it"), () => again(note.id)),
      this.button("discard", gettext("Throw it away"), () => void store.discard(note.id)),
    );
    line.append(row);
    return line;
  }

  /** @param {Note} note */
  replies(note) {
    const list = element("ol", "note__replies");
    list.setAttribute("aria-label", gettext("Replies"));
    for (const reply of note.replies) {
      const item = element("li", "note__reply");
      item.dataset.side = this.room.audiences.side(reply.author);
      const by = element("p", "note__by");
      by.append(element("span", "note__name", reply.author.name), " ", this.side(reply));
      const line = element("div", "note__state");
      line.append(this.time(reply));
      if (reply.edited) line.append(` · ${gettext("edited")}`);
      item.append(by, this.words(reply.body), line);
      if (reply.narrower) item.append(element("p", "note__seen", gettext("Fewer people see this reply than the note.")));
      if (reply.mine && this.room.may) {
        const row = element("div", "note__actions");
        if (reply.narrower) row.append(this.share(reply));
        row.append(
          this.button(`edit-${reply.id}`, gettext("Edit"), () => this.edit(reply), gettext("Edit my reply")),
          this.button(`delete-${reply.id}`, gettext("Delete"), () => this.remove(reply), gettext("Delete my reply")),
        );
        item.append(row);
      }
      list.append(item);
    }
    return list;
  }

  /**
   * Gives a reply of mine to those who see the note now: nobody else's act does that.
   * @param {Note} reply
   */
  share(reply) {
    const { audiences, store } = this.room;
    const audience = { choice: this.note.audience, parties: this.note.parties };
    const text = interpolate(gettext("Share with %(who)s"), { who: audiences.of(this.note) });
    return this.button(`share-${reply.id}`, text, async () => {
      try {
        await store.edit(reply, { audience });
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        this.main.querySelector(`[data-do="share-${reply.id}"]`)?.after(element("span", "note-form__error", problem.message));
      }
    });
  }

  /** @param {Note} note */
  actions(note) {
    const row = element("div", "note__actions");
    row.append(this.button("reply", gettext("Reply"), () => this.reply()));
    if (note.mine) {
      row.append(
        this.button("edit", gettext("Edit"), () => this.edit(note), gettext("Edit my note")),
        this.button("delete", gettext("Delete"), () => this.remove(note), gettext("Delete my note")),
      );
    }
    return row;
  }

  /**
   * @param {string} what
   * @param {string} text
   * @param {() => void} run
   * @param {string} [name] where the text alone says too little
   */
  button(what, text, run, name) {
    const button = element("button", "note__button", text);
    button.type = "button";
    button.dataset.do = what;
    if (name) button.setAttribute("aria-label", name);
    button.addEventListener("click", run);
    return button;
  }

  // --- writing in it --------------------------------------------------------------------------------

  /**
   * @param {NoteForm} form
   * @param {string} back the button that the focus goes back to
   */
  open(form, back) {
    this.back = back;
    this.form = form;
    this.under.replaceChildren(form.element);
    this.room.resized();
    form.focus();
  }

  close() {
    const within = this.under.contains(document.activeElement);
    this.form = null;
    this.under.replaceChildren();
    this.main.hidden = false;
    this.room.resized();
    const back = /** @type {HTMLElement | null} */ (this.main.querySelector(`[data-do="${this.back}"]`));
    if (within || document.activeElement === document.body) (back ?? this.article).focus();
  }

  /** Somebody who writes here already goes on with that. */
  held() {
    if (!this.dirty) return false;
    this.form?.focus();
    this.form?.fail(gettext("Save or cancel this first."));
    return true;
  }

  reply() {
    if (this.held()) return;
    const { audiences, longest, store, resized } = this.room;
    const form = new NoteForm({
      label: gettext("Reply"),
      audiences,
      longest,
      needed: true,
      seen: audiences.of(this.note),
      submit: () => gettext("Reply"),
      save: async ({ body }) => {
        await store.reply(this.note, body);
        this.close();
      },
      cancel: () => this.close(),
      resized,
    });
    this.open(form, "reply");
  }

  /** @param {Note} note mine: this one, or a reply to it */
  edit(note) {
    if (this.held()) return;
    const { audiences, longest, store, resized } = this.room;
    const root = note.id === this.note.id;
    const before = { choice: note.audience, parties: note.parties };
    const form = new NoteForm({
      label: root ? gettext("My note") : gettext("My reply"),
      audiences,
      longest,
      body: note.body,
      needed: note.kind === "note" || note.kind === "reply",
      ...(root ? { tags: note.tags, audience: before } : { seen: audiences.of(this.note) }),
      submit: (audience) => (audience ? audiences.saves(audience) : gettext("Save")),
      save: async ({ body, tags, audience }) => {
        const same = audience.choice === before.choice && (audience.choice !== "parties" || audience.parties.join() === before.parties.join());
        await store.edit(note, root ? { body, tags, ...(same ? {} : { audience }) } : { body });
        this.close();
      },
      cancel: () => this.close(),
      resized,
    });
    if (root) this.main.hidden = true;
    this.open(form, root ? "edit" : `edit-${note.id}`);
  }

  /** @param {Note} note mine: this one, or a reply to it */
  remove(note) {
    if (this.held()) return;
    const root = note.id === this.note.id;
    this.form = null;
    const box = element("div", "note-form");
    box.setAttribute("role", "group");
    const others = root && this.note.replies.length > 0;
    const question = element("p", "note-form__label", others
      ? gettext("Delete this note and its replies, for everybody who sees it?")
      : root
        ? gettext("Delete this note, for everybody who sees it?")
        : gettext("Delete this reply?"));
    const error = element("p", "note-form__error");
    error.setAttribute("role", "alert");
    error.hidden = true;
    const row = element("div", "note-form__actions");
    const yes = element("button", "note-form__save note-form__save--warning", gettext("Delete"));
    yes.type = "button";
    yes.addEventListener("click", async () => {
      try {
        await this.room.store.remove(note);
        if (root) this.room.reader.view.focus({ preventScroll: true });
        else this.close();
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        error.textContent = problem.message;
        error.hidden = false;
        this.room.resized();
      }
    });
    const no = element("button", "reader-small-button", gettext("Keep it"));
    no.type = "button";
    no.addEventListener("click", () => this.close());
    row.append(yes, no);
    box.append(question, error, row);
    this.back = root ? "delete" : `delete-${note.id}`;
    this.under.replaceChildren(box);
    this.room.resized();
    no.focus();
  }

  // --- going to its place ---------------------------------------------------------------------------

  /** @param {MouseEvent} event */
  clicked(event) {
    if (!(event.target instanceof Element) || event.target.closest("a, button, input, textarea, label, select, form")) return;
    if (document.getSelection()?.isCollapsed === false) return;
    this.room.marks.show(this.note);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.defaultPrevented || event.target !== this.article) return;
    if (event.key === "Enter") {
      event.preventDefault();
      this.room.marks.show(this.note);
    }
  }

  focus() {
    this.article.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }
}

/** @param {string} text */
function short(text) {
  return text.length > QUOTE ? `${text.slice(0, QUOTE - 1)}…` : text;
}
