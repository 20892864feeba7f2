// @ts-check
/**
 * The live connection to a case: comes back by itself, and says the last sequence number it saw, so that nothing
 * is missed and nothing comes twice.
 *
 * @typedef {{seq: number, action: string, actor: any, at: string, data: any}} Entry
 * @typedef {{seq: number, hearing: string|null, presenter: any, page: string|null, label: string|null, view: any,
 *   hidden?: boolean, title?: string, present?: any[], screens?: string[], bundle?: string, head?: number}} State
 * @typedef {object} Handlers
 * @property {(entry: Entry) => void} [onEntry]       one journal entry of the reader's audience
 * @property {(state: State) => void} [onState]       what stands now in court; after each reconnection too
 * @property {(frame: {present: any[], screens: string[]}) => void} [onPresence]
 * @property {(frame: {page: string, at: number[]|null}) => void} [onPoint]
 * @property {(frame: {of: string|null, detail: string}) => void} [onRefused]
 * @property {(status: "live"|"away") => void} [onStatus]
 * @property {() => void} [onGone]                    the person has no part in the case any more
 */

const PING_EVERY = 15_000;
const SILENT_FOR = 40_000;
const LONGEST_WAIT = 5_000;
const GONE = 4404;

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
    this.tries = 0;
    this.closed = false;
    this.open();
    // A device that wakes up, or finds its network again, need not wait for its turn.
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    window.addEventListener("pagehide", () => this.socket?.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.hurry());
  }

  open() {
    clearTimeout(this.retry);
    this.socket = new WebSocket(this.url);
    const socket = this.socket;
    this.heard = Date.now();
    socket.addEventListener("open", () => {
      if (this.hello) this.send({ type: "hello", after: this.seq });
      else this.live();
    });
    socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => {
      if (socket !== this.socket) return;
      clearInterval(this.pulse);
      if (event.code === GONE) {
        this.closed = true;
        this.handlers.onGone?.();
      }
      this.handlers.onStatus?.("away");
      if (this.closed) return;
      // Everybody loses a connection at the same moment: they should not all come back in the same one.
      const wait = Math.min(LONGEST_WAIT, 200 * 2 ** this.tries) * (0.5 + Math.random());
      this.tries += 1;
      this.retry = setTimeout(() => this.open(), wait);
    });
    clearInterval(this.pulse);
    this.pulse = setInterval(() => {
      if (Date.now() - this.heard > SILENT_FOR) socket.close();
      else this.send({ type: "ping" });
    }, PING_EVERY);
  }

  live() {
    this.tries = 0;
    this.handlers.onStatus?.("live");
  }

  /** Come back at once instead of waiting. */
  hurry() {
    if (!this.closed && this.socket?.readyState === WebSocket.CLOSED) this.open();
  }

  /** @param {any} frame */
  take(frame) {
    this.heard = Date.now();
    const to = this.handlers;
    if (frame.type === "entry") {
      if (this.seq !== null && frame.seq <= this.seq) return;
      this.seq = frame.seq;
      to.onEntry?.(frame);
    } else if (frame.type === "state") {
      if (this.seq === null && typeof frame.head === "number") this.seq = frame.head;
      if (frame.head !== undefined) this.live();
      to.onState?.(frame);
    } else if (frame.type === "presence") to.onPresence?.(frame);
    else if (frame.type === "point") to.onPoint?.(frame);
    else if (frame.type === "refused") to.onRefused?.(frame);
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
