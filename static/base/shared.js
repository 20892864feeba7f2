// @ts-check
/**
 * One live connection for a whole page: notes, court and whoever else listens share it.
 *
 *     const live = shared("T20267001");
 *     live.on("entry", (entry) => …);   // entry, state, presence, watching, point, refused, status, gone
 *     live.send({type: "at", page});
 */
import { connect } from "./live.js";

/** @typedef {"entry"|"state"|"presence"|"watching"|"point"|"refused"|"status"|"gone"} Kind */

class Shared {
  /** @param {string} reference */
  constructor(reference) {
    /** @type {Map<Kind, Set<(what: any) => void>>} */
    this.listeners = new Map();
    /** What was last heard of each kind that stands until it changes. @type {Map<Kind, any>} */
    this.last = new Map();
    this.status = "away";
    this.connection = connect(reference, {
      onEntry: (entry) => this.tell("entry", entry),
      onState: (state) => this.tell("state", state),
      onPresence: (frame) => this.tell("presence", frame),
      onWatching: (frame) => this.tell("watching", frame),
      onPoint: (frame) => this.tell("point", frame),
      onRefused: (frame) => this.tell("refused", frame),
      onStatus: (status) => {
        this.status = status;
        this.tell("status", status);
      },
      onGone: () => this.tell("gone", null),
    });
  }

  /**
   * Listen; what stands already is told at once. Returns a function that ends it.
   * @param {Kind} kind
   * @param {(what: any) => void} listener
   */
  on(kind, listener) {
    const listeners = this.listeners.get(kind) ?? new Set();
    this.listeners.set(kind, listeners.add(listener));
    if (this.last.has(kind)) listener(this.last.get(kind));
    return () => listeners.delete(listener);
  }

  /**
   * @param {Kind} kind
   * @param {any} what
   */
  tell(kind, what) {
    if (kind === "state" || kind === "presence" || kind === "watching" || kind === "status") this.last.set(kind, what);
    for (const listener of this.listeners.get(kind) ?? []) {
      try {
        listener(what);
      } catch (error) {
        // One listener that fails must not keep the others from hearing.
        console.error(error);
      }
    }
  }

  /** @param {object} frame @returns {boolean} false where there is no connection now */
  send(frame) {
    return this.connection.send(frame);
  }
}

/** @type {Map<string, Shared>} */
const all = new Map();

/** @param {string} reference of the case */
export function shared(reference) {
  let found = all.get(reference);
  if (!found) all.set(reference, (found = new Shared(reference)));
  return found;
}
