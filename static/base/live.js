// @ts-check
/**
 * The live connection to a case: comes back by itself, and says the last sequence number it saw, so that nothing
 * is missed and nothing comes twice.
 *
 * @typedef {{seq: number, action: string, actor: any, at: string, data: any}} Entry
 * @typedef {{id: string, name: string, role: string, party: string|null}} Card
 * @typedef {{seq: number, hearing: string|null, presenter: any, page: string|null, label: string|null, view: any,
 *   hidden?: boolean, title?: string, present?: Card[], screens?: string[], bundle?: string, head?: number}} State
 * @typedef {object} Handlers
 * @property {(entry: Entry) => void} [onEntry]       one journal entry of the reader's audience
 * @property {(state: State) => void} [onState]       what stands now in court; after each reconnection too
 * @property {(frame: {present: Card[], screens: string[]}) => void} [onPresence]  all who are there, after each change
 * @property {(frame: {page: string|null, people: number, screens: number}) => void} [onWatching]  to the presenter
 * @property {(frame: {page: string, at: number[]|null}) => void} [onPoint]
 * @property {(frame: {of: string|null, detail: string}) => void} [onRefused]
 * @property {(status: "live"|"away") => void} [onStatus]
 * @property {() => void} [onGone]                    signed out, or no part in the case any more
 */

const PING_EVERY = 5_000;
const ANSWER_WITHIN = 8_000;
const LONGEST_WAIT = 2_000;
const GONE = 4404;
// A server that is to end says so, and another one is there: only who is still away after a moment is told.
const ELSEWHERE = 1012;
const MOMENT = 1_000;

export class Live {
  /**
   * @param {string} path  of the socket: `/ws/cases/T20267001/` or `/ws/screen/CODE/`
   * @param {Handlers} handlers
   * @param {{hello?: boolean, after?: number|null}} [options]
   */
  constructor(path, handlers, { hello = true, after = null } = {}) {
    this.url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    this.handlers = handlers;
    this.hello = hello;
    /** @type {number|null} */
    this.seq = after;
    /** Who is there, by id. @type {Map<string, Card>} */
    this.present = new Map();
    /** @type {string[]} */
    this.screens = [];
    this.tries = 0;
    this.closed = false;
    /** When the ping was sent that was not answered yet; 0 for none. */
    this.asked = 0;
    this.open();
    // A device that wakes up, or finds its network again, need not wait for its turn.
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.probe());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.hurry();
      this.probe();
    });
    // A page with an open line is not kept for 'back'; one still being opened goes with the page, without a word.
    window.addEventListener("pagehide", () => this.socket?.readyState === WebSocket.OPEN && this.socket.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.hurry());
  }

  open() {
    clearTimeout(this.retry);
    clearInterval(this.pulse);
    this.asked = 0;
    const socket = (this.socket = new WebSocket(this.url));
    socket.addEventListener("open", () => {
      if (socket !== this.socket) return;
      if (this.hello) this.send({ type: "hello", after: this.seq });
      else this.live();
    });
    socket.addEventListener("message", (event) => socket === this.socket && this.take(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => socket === this.socket && this.lost(event.code));
    this.pulse = setInterval(() => this.probe(), PING_EVERY);
  }

  /** Ask whether the line still stands; one that does not answer is given up. */
  probe() {
    if (this.socket?.readyState === WebSocket.OPEN && !this.asked) {
      this.asked = Date.now();
      this.send({ type: "ping" });
    }
    clearTimeout(this.overdue);
    this.overdue = setTimeout(() => this.asked && Date.now() - this.asked >= ANSWER_WITHIN - 50 && this.lost(0), ANSWER_WITHIN);
  }

  /** The connection is no more: come back. @param {number} code */
  lost(code) {
    const socket = this.socket;
    this.socket = undefined;
    clearInterval(this.pulse);
    clearTimeout(this.overdue);
    // A dead line takes its time to close; nobody waits for it.
    if (socket && socket.readyState < WebSocket.CLOSING) socket.close();
    if (code === GONE) {
      this.closed = true;
      this.handlers.onGone?.();
    }
    clearTimeout(this.unsaid);
    if (code === ELSEWHERE) this.unsaid = setTimeout(() => this.handlers.onStatus?.("away"), MOMENT);
    else this.handlers.onStatus?.("away");
    if (this.closed) return;
    // Everybody loses a connection at the same moment: they should not all come back in the same one.
    const wait = Math.min(LONGEST_WAIT, 200 * 2 ** this.tries) * (0.5 + Math.random());
    this.tries += 1;
    this.retry = setTimeout(() => this.open(), wait);
  }

  live() {
    this.tries = 0;
    clearTimeout(this.unsaid);
    this.handlers.onStatus?.("live");
  }

  /** Come back at once instead of waiting. */
  hurry() {
    if (!this.closed && (!this.socket || this.socket.readyState === WebSocket.CLOSED)) this.open();
  }

  /** @param {any} frame */
  take(frame) {
    this.asked = 0;
    const to = this.handlers;
    if (frame.type === "entry") {
      if (this.seq !== null && frame.seq <= this.seq) return;
      this.seq = frame.seq;
      to.onEntry?.(frame);
    } else if (frame.type === "state") {
      // A case that was restored from a copy has fewer entries than we saw: begin again from what it has.
      if (typeof frame.head === "number" && (this.seq === null || frame.head < this.seq)) this.seq = frame.head;
      if (frame.present) this.present = new Map(frame.present.map((/** @type {Card} */ card) => [card.id, card]));
      if (frame.screens) this.screens = frame.screens;
      if (frame.head !== undefined) this.live();
      to.onState?.(frame);
      if (frame.present) this.tellPresence();
    } else if (frame.type === "presence") {
      for (const card of frame.joined) this.present.set(card.id, card);
      for (const id of frame.left) this.present.delete(id);
      this.screens = frame.screens;
      this.tellPresence();
    } else if (frame.type === "watching") to.onWatching?.(frame);
    else if (frame.type === "point") to.onPoint?.(frame);
    else if (frame.type === "refused") to.onRefused?.(frame);
  }

  tellPresence() {
    this.handlers.onPresence?.({ present: [...this.present.values()], screens: this.screens });
  }

  /**
   * Send a frame; false where there is no connection now.
   * @param {object} frame
   */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  close() {
    this.closed = true;
    this.socket?.close();
  }
}

/**
 * @param {string} reference  of the case
 * @param {Handlers} handlers
 * @param {{after?: number|null}} [options]
 */
export function connect(reference, handlers, options) {
  return new Live(`/ws/cases/${encodeURIComponent(reference)}/`, handlers, options);
}
