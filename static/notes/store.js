// @ts-check
/**
 * The notes of the pages near the view: fetched for many pages at once, fetched again when the journal says that they
 * changed, and those that the server does not have yet.
 */

import { Bus } from "../reader/events.js";
import { gettext } from "../reader/words.js";
import { inOrder } from "./model.js";

/** @typedef {import("./model.js").Audience} Audience */
/** @typedef {import("./model.js").Draft} Draft */
/** @typedef {import("./model.js").Note} Note */

/**
 * @typedef {object} Held The notes of one page.
 * @property {Note[]} notes
 * @property {string} text the same as it came, to see whether anything changed
 * @property {boolean} known whether they were ever fetched
 * @property {boolean} fresh
 * @property {boolean} asking
 */

/** @typedef {{note: Note, draft: Draft, known: Set<string>, doubtful: boolean}} Pending */

const AT_ONCE = 100;
const KEPT = 600;
const PATIENCE = 15_000;

/** What the server refused, or that it could not be reached. */
export class Problem extends Error {
  /**
   * @param {string} detail in words
   * @param {number} status 0 where the server was not reached
   * @param {Record<string, string[]>} [errors] by field
   */
  constructor(detail, status, errors = {}) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }

  /** Whether the same may well be taken later. */
  get passing() {
    return this.status === 0 || this.status === 401 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @typedef {object} StoreEvents
 * @property {string} page its notes changed
 * @property {{temporary: string, note: Note}} saved a note has its own id now
 * @property {{page: string, notes: Note[]}} arrived from others, since the page was first fetched
 * @property {boolean} reach whether the server answers
 */

/** @extends {Bus<StoreEvents & Record<string, any>>} */
export class Store extends Bus {
  /**
   * @param {{api: string, csrf: string, notes: string, me: import("./model.js").Person, mine: string[]}} config
   * @param {() => string[]} near ids of the pages that are wanted now
   */
  constructor(config, near) {
    super();
    this.config = config;
    this.near = near;
    /** @type {Map<string, Held>} */
    this.held = new Map();
    /** @type {Map<string, Pending>} */
    this.pending = new Map();
    this.made = 0;
    this.timer = 0;
    this.wait = 0;
  }

  // --- reading --------------------------------------------------------------------------------------

  /**
   * The notes of a page, from top to bottom.
   * @param {string} page
   * @returns {Note[]}
   */
  of(page) {
    const notes = [...(this.held.get(page)?.notes ?? [])];
    for (const { note } of this.pending.values()) if (note.page === page) notes.push(note);
    return notes.sort(inOrder);
  }

  /**
   * A note that is known here.
   * @param {string} id
   * @returns {Note | null}
   */
  find(id) {
    const pending = this.pending.get(id);
    if (pending) return pending.note;
    for (const { notes } of this.held.values()) {
      const found = notes.find((note) => note.id === id);
      if (found) return found;
    }
    return null;
  }

  /** @param {string} page */
  hold(page) {
    let held = this.held.get(page);
    if (!held) {
      held = { notes: [], text: "", known: false, fresh: false, asking: false };
      this.held.set(page, held);
    }
    return held;
  }

  /**
   * The notes of a page changed, as the journal says.
   * @param {string} page
   */
  stale(page) {
    const held = this.held.get(page);
    if (held) held.fresh = false;
    // Everybody hears of a note in the same moment: they should not all ask in it.
    this.soon(20 + Math.random() * 120);
  }

  /** Anything may have changed: what one may see, or what was missed. */
  staleAll() {
    for (const held of this.held.values()) held.fresh = false;
    this.soon(50 + Math.random() * 250);
  }

  /**
   * A note is gone, or not for this person any more: it goes at once, before anything is fetched.
   * @param {string} page
   * @param {string} id
   */
  forget(page, id) {
    const held = this.held.get(page);
    if (!held) return;
    const rest = held.notes.filter((note) => note.id !== id);
    for (const note of rest) note.replies = note.replies.filter((reply) => reply.id !== id);
    this.put(page, rest);
  }

  /** @param {number} after milliseconds */
  soon(after = 60) {
    if (this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      void this.refresh();
    }, after);
  }

  async refresh() {
    const busy = new Set([...this.pending.values()].filter((one) => one.note.state === "saving").map((one) => one.note.page));
    const due = this.near().filter((page) => {
      const held = this.hold(page);
      // While one of mine is on its way, an answer could hold it a second time.
      return !held.fresh && !held.asking && !busy.has(page);
    });
    this.prune();
    const parts = [];
    for (let at = 0; at < due.length; at += AT_ONCE) parts.push(this.fetch(due.slice(at, at + AT_ONCE)));
    await Promise.all(parts);
  }

  /** @param {string[]} pages */
  async fetch(pages) {
    for (const page of pages) Object.assign(this.hold(page), { fresh: true, asking: true });
    try {
      const found = await this.ask("GET", `${this.config.notes}?pages=${pages.map(encodeURIComponent).join(",")}`);
      this.wait = 0;
      this.emit("reach", true);
      for (const page of pages) this.take(page, found.pages[page] ?? []);
    } catch (error) {
      for (const page of pages) this.hold(page).fresh = false;
      this.emit("reach", false);
      // A case that is not there any more is not asked for again.
      if (error instanceof Problem && !error.passing) return;
      this.wait = Math.min(30_000, (this.wait || 1000) * 2);
      window.setTimeout(() => this.soon(), this.wait);
    } finally {
      for (const page of pages) this.hold(page).asking = false;
    }
    if (pages.some((page) => !this.hold(page).fresh) && !this.wait) this.soon();
  }

  /**
   * @param {string} page
   * @param {Note[]} notes
   */
  take(page, notes) {
    const held = this.hold(page);
    const before = new Set(held.notes.map((note) => note.id));
    const fresh = held.known ? notes.filter((note) => !note.mine && !before.has(note.id)) : [];
    held.known = true;
    this.put(page, notes);
    if (fresh.length) this.emit("arrived", { page, notes: fresh });
  }

  /**
   * @param {string} page
   * @param {Note[]} notes
   */
  put(page, notes) {
    const held = this.hold(page);
    const text = JSON.stringify(notes);
    if (text === held.text) return;
    held.notes = notes;
    held.text = text;
    this.emit("page", page);
  }

  prune() {
    if (this.held.size <= KEPT) return;
    const near = new Set(this.near());
    for (const [page, held] of this.held) {
      if (this.held.size <= KEPT / 2) return;
      if (!near.has(page) && !held.asking) this.held.delete(page);
    }
  }

  // --- writing --------------------------------------------------------------------------------------

  /** Whether there are words here that the server does not have. */
  get unsaved() {
    return this.pending.size > 0;
  }

  /**
   * Make a note: it shows at once, and is saved in the background.
   * @param {Draft} draft
   * @returns {Promise<Note | null>} the note, or null where it was not saved; then it stays here, with its words
   */
  create(draft) {
    this.made += 1;
    const id = `new-${this.made}`;
    const { audience } = draft;
    /** @type {Note} */
    const note = {
      id,
      page: draft.page,
      kind: draft.kind,
      body: draft.body,
      quote: draft.quote ? { exact: draft.quote } : {},
      quads: draft.quads,
      audience: audience.choice,
      parties: audience.choice === "party" ? this.config.mine : audience.parties,
      tags: draft.tags,
      author: this.config.me,
      mine: true,
      created: new Date().toISOString(),
      edited: null,
      replies: [],
      state: "saving",
    };
    const known = new Set((this.held.get(draft.page)?.notes ?? []).map((one) => one.id));
    this.pending.set(id, { note, draft, known, doubtful: false });
    this.emit("page", draft.page);
    return this.save(id);
  }

  /**
   * Try again to save what was not saved.
   * @param {string} id
   */
  async retry(id) {
    const pending = this.pending.get(id);
    if (!pending || pending.note.state === "saving") return null;
    pending.note.state = "saving";
    delete pending.note.problem;
    this.emit("page", pending.note.page);
    if (pending.doubtful) {
      // The answer may have been lost on its way back, and the note be there.
      const twin = await this.twin(pending);
      if (twin) return this.saved(id, twin);
    }
    return this.save(id);
  }

  /** Try again with all that failed because the server was not reached. */
  retryAll() {
    for (const [id, { note }] of this.pending) if (note.state === "failed") void this.retry(id);
  }

  /**
   * @param {Pending} pending
   * @returns {Promise<Note | null>}
   */
  async twin({ draft, known }) {
    try {
      const found = await this.ask("GET", `${this.config.notes}?pages=${encodeURIComponent(draft.page)}`);
      /** @type {Note[]} */
      const notes = found.pages[draft.page] ?? [];
      const quads = JSON.stringify(draft.quads);
      return (
        notes.find(
          (note) =>
            note.mine &&
            !known.has(note.id) &&
            note.kind === draft.kind &&
            note.body === draft.body.trim() &&
            note.audience === draft.audience.choice &&
            JSON.stringify(note.quads) === quads,
        ) ?? null
      );
    } catch {
      return null;
    }
  }

  /**
   * @param {string} id
   * @returns {Promise<Note | null>}
   */
  async save(id) {
    const pending = this.pending.get(id);
    if (!pending) return null;
    const { note, draft } = pending;
    try {
      const made = await this.ask("POST", `${this.config.api}/pages/${draft.page}/notes`, {
        kind: draft.kind,
        body: draft.body,
        quads: draft.quads,
        audience: draft.audience.choice,
        parties: draft.audience.choice === "parties" ? draft.audience.parties : null,
        tags: draft.tags,
      });
      return this.saved(id, made);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 0 || error.status >= 500) pending.doubtful = true;
      note.state = error.passing ? "failed" : "refused";
      note.problem = error.message;
      this.emit("page", note.page);
      this.soon();
      return null;
    }
  }

  /**
   * @param {string} id
   * @param {Note} note
   */
  saved(id, note) {
    this.pending.delete(id);
    const held = this.hold(note.page);
    this.emit("saved", { temporary: id, note });
    this.put(note.page, [...held.notes.filter((one) => one.id !== note.id), note].sort(inOrder));
    this.soon();
    return note;
  }

  /**
   * Give up a note that was not saved.
   * @param {string} id
   * @returns {Draft | null} what it was
   */
  discard(id) {
    const pending = this.pending.get(id);
    if (!pending) return null;
    this.pending.delete(id);
    this.emit("page", pending.note.page);
    return pending.draft;
  }

  /**
   * Change one of my notes or replies. Throws Problem.
   * @param {Note} note
   * @param {{body?: string, tags?: string[], audience?: Audience}} changes
   */
  async edit(note, { body, tags, audience }) {
    /** @type {Record<string, any>} */
    const sent = {};
    if (body !== undefined) sent.body = body;
    if (tags !== undefined) sent.tags = tags;
    if (audience !== undefined) {
      sent.audience = audience.choice;
      if (audience.choice === "parties") sent.parties = audience.parties;
    }
    const changed = await this.ask("PATCH", `${this.config.api}/notes/${note.id}`, sent);
    this.change(note.page, (one) => (one.id === note.id ? { ...changed, replies: one.replies } : one));
    this.stale(note.page);
  }

  /**
   * Throws Problem.
   * @param {Note} note
   */
  async remove(note) {
    try {
      await this.ask("DELETE", `${this.config.api}/notes/${note.id}`);
    } catch (error) {
      // Gone already, from another window.
      if (!(error instanceof Problem) || error.status !== 404) throw error;
    }
    this.forget(note.page, note.id);
  }

  /**
   * Throws Problem.
   * @param {Note} note
   * @param {string} body
   */
  async reply(note, body) {
    const made = await this.ask("POST", `${this.config.api}/notes/${note.id}/replies`, { body });
    this.change(note.page, (one) =>
      one.id === note.id && !one.replies.some((reply) => reply.id === made.id)
        ? { ...one, replies: [...one.replies, made] }
        : one,
    );
    this.stale(note.page);
  }

  /**
   * @param {string} page
   * @param {(note: Note) => Note} by
   */
  change(page, by) {
    this.put(
      page,
      this.hold(page).notes.map((note) => by({ ...note, replies: note.replies.map(by) })),
    );
  }

  // --- the wire -------------------------------------------------------------------------------------

  /**
   * @param {string} method
   * @param {string} address
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async ask(method, address, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang || "en-GB" };
    if (method !== "GET") headers["X-CSRFToken"] = this.config.csrf;
    if (body) headers["Content-Type"] = "application/json";
    /** @type {Response} */
    let answer;
    try {
      answer = await fetch(address, {
        method,
        headers,
        body: body ? JSON.stringify(body) : undefined,
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      throw new Problem(gettext("The server could not be reached."), 0);
    }
    if (answer.status === 401) {
      throw new Problem(gettext("You are signed out. Sign in again in another window, then try again here."), 401);
    }
    if (!answer.ok) {
      /** @type {{detail?: string, errors?: Record<string, string[]>}} */
      let said = {};
      try {
        said = await answer.json();
      } catch {
        // No words of ours: something between us and the server answered.
      }
      throw new Problem(said.detail || gettext("The server does not answer just now. Try again in a moment."), answer.status, said.errors);
    }
    if (answer.status === 204) return null;
    try {
      return await answer.json();
    } catch {
      throw new Problem(gettext("The server could not be reached."), 0);
    }
  }
}
