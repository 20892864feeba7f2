// @ts-check
/**
 * The court in the reader: following and presenting.
 *
 * Nothing moves by itself, except what the presenter turns: a follower goes where the court is, may look elsewhere, and
 * comes back with one key. What is said about the court comes from the server (`state`), never from guessing here.
 */
import { shared } from "../base/shared.js";
import { isolate } from "../reader/words.js";
import { reader as ready } from "../reader/seam.js";

/** @type {(text: string) => string} */
const gettext = /** @type {any} */ (window).gettext ?? ((/** @type {string} */ text) => text);
/** @type {(one: string, many: string, n: number) => string} */
const ngettext = /** @type {any} */ (window).ngettext ?? ((/** @type {string} */ one, /** @type {string} */ many, /** @type {number} */ n) => (n === 1 ? one : many));
/** @param {string} text @param {Record<string, string|number>} values */
const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_all, name) => isolate(String(values[name])));

const POINTS_A_SECOND = 25;
const POINTER_STAYS = 4_000;
const SAY_WHERE_AFTER = 300;

class Court {
  /** @param {import("../reader/reader.js").Reader} reader */
  constructor(reader) {
    this.reader = reader;
    this.config = reader.config;
    /** The id of this person in the case. */
    this.me = reader.config.viewer.participant.id;
    this.live = shared(reader.config.reference);
    /** What stands in court, as the server last said. @type {any} */
    this.state = { hearing: null, presenter: null, page: null };
    /** How many see what is presented; only the presenter is told. @type {{page: string|null, people: number, screens: number}} */
    this.watching = { page: null, people: 0, screens: 0 };
    this.following = true;
    /** The page in view as the server knows it. @type {string|null|undefined} */
    this.told = undefined;
    /** Where the court was when this person last went there. @type {any} */
    this.went = undefined;
    const asked = new URLSearchParams(location.search);
    /** Who came by a link to certain words or to a note looks at these first, and is told where the court is. */
    this.cameFor = asked.has("q") || asked.has("note") || location.hash.startsWith("#note-");
    this.moving = false;
    this.pointing = false;
    this.away = false;
    this.said = "";
    /** @type {Map<string, HTMLElement>} */
    this.pointers = new Map();
    this.bar = reader.banner;
    this.slot = reader.court;
    this.phone = document.getElementById("reader-bottom-court");

    reader.keys.add({ id: "follow", key: "f", label: gettext("Follow the court, or look elsewhere"), group: gettext("Court"), run: () => this.toggleFollow(), when: () => this.sits() && !this.hasFloor() });
    reader.keys.add({ id: "present", key: "p", label: gettext("Turn everybody to this page"), group: gettext("Court"), run: () => this.turn(), when: () => this.hasFloor() });
    reader.keys.add({ id: "present-part", key: "P", label: gettext("Turn everybody to the part in view"), group: gettext("Court"), run: () => this.turn(true), when: () => this.hasFloor() });
    reader.keys.add({ id: "pointer", key: ".", label: gettext("Pointer on or off"), group: gettext("Court"), run: () => this.togglePointer(), when: () => this.hasFloor() });
    reader.keys.add({ id: "own-notes", key: "o", label: gettext("Show or hide my notes while presenting"), group: gettext("Court"), run: () => this.toggleNotes(), when: () => this.hasFloor() });

    this.live.on("state", (state) => this.stands(state));
    this.live.on("entry", (entry) => this.heard(entry));
    this.live.on("watching", (frame) => {
      this.watching = frame;
      this.draw();
    });
    this.live.on("point", (frame) => this.showPointer(frame));
    this.live.on("refused", (frame) => this.refused(frame));
    this.live.on("status", (status) => {
      this.away = status === "away";
      // A new connection knows nothing of the page in view yet.
      this.told = undefined;
      this.moved();
    });
    // Signed out, or taken out of the case: what is on the screen goes, and the server says why.
    this.live.on("gone", () => location.reload());
    reader.on("page", () => this.moved());
    reader.on("draw", () => this.drawView());
    document.addEventListener("pointermove", (event) => this.point(event), { passive: true });
    this.moved();
  }

  sits() {
    return this.state.hearing !== null && this.state.hearing !== undefined;
  }

  hasFloor() {
    return this.sits() && this.state.presenter?.id === this.me;
  }

  /** The page in view. */
  here() {
    return this.reader.pageInView;
  }

  /** What stands now, from the server. @param {any} state */
  stands(state) {
    const before = this.state;
    if (before.seq && state.seq && state.seq < before.seq && state.hearing === before.hearing) return;
    this.state = { ...state };
    if (state.hearing !== before.hearing) this.following = !this.cameFor;
    this.cameFor = false;
    // A page that was before everybody is for some only now: the list of pages may have lost it.
    if (state.hidden && before.page && !before.hidden) void this.reader.reload().catch(() => {});
    document.body.classList.toggle("court-sits", this.sits());
    document.body.classList.toggle("is-presenting", this.hasFloor());
    if (!this.hasFloor()) {
      this.pointing = false;
      document.body.classList.remove("show-notes");
    }
    this.go();
    this.draw();
  }

  /** @param {{seq: number, action: string, actor: any, data: any}} entry */
  heard(entry) {
    const { action, data, actor, seq } = entry;
    if (action === "page.turned") {
      if (!this.sits() || data.hearing !== this.state.hearing || seq <= (this.state.seq ?? 0)) return;
      this.stands({ ...this.state, seq, page: data.page, label: data.label, bundle: data.bundle, view: data.view, presenter: actor, hidden: false });
    } else if (action === "floor.given" || action === "floor.taken") {
      this.stands({ ...this.state, seq, presenter: data.to });
    } else if (action === "hearing.opened") {
      this.stands({ seq, hearing: data.hearing, title: data.title, presenter: null, page: null, label: null, view: null });
    } else if (action === "hearing.closed") {
      this.stands({ seq, hearing: null, presenter: null, page: null, label: null, view: null });
    } else if (action === "bundle.numbered" || action === "bundle.frozen") {
      // Labels changed: what the court is at is asked for again.
      this.live.send({ type: "hello", after: this.live.connection.seq });
    }
  }

  /** Go where the court is, if this person follows; their zoom stays as it is. */
  async go() {
    const { page, label, bundle, view, seq } = this.state;
    if (!this.sits() || this.hasFloor() || !this.following || !page) return;
    // The same page again only for another part of it: whoever has scrolled on within it is left alone.
    const turned = `${page} ${view ? JSON.stringify(view) : ""}`;
    if (this.here()?.id !== page || (view && this.went !== turned)) {
      this.moving = true;
      try {
        // Not a step of the browser's history: back leads to where this person was of their own will.
        if (!this.reader.goTo(page, { view })) {
          if (bundle && bundle !== this.config.bundle) return void location.assign(this.reader.bundleHref(bundle, label));
          // Served since the list of pages came.
          await this.reader.reload();
          if (this.state.seq === seq && this.following && !this.reader.goTo(page, { view })) throw new Error(page);
        }
      } catch {
        this.problem(gettext("The page could not be fetched. Press F to try again."));
        this.following = false;
      } finally {
        clearTimeout(this.settling);
        // The page comes to rest a moment after: until then it is the court that moves, not this person.
        this.settling = setTimeout(() => (this.moving = false), 400);
      }
    }
    this.went = turned;
    this.drawView();
  }

  /** The page in view changed. */
  moved() {
    const page = this.here();
    if (this.sits() && !this.hasFloor() && this.following && !this.moving && this.state.page && page && page.id !== this.state.page) {
      this.following = false;
    }
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const id = this.here()?.id ?? null;
      if (id !== this.told && this.live.send({ type: "at", page: id })) this.told = id;
    }, SAY_WHERE_AFTER);
    this.draw();
  }

  toggleFollow() {
    this.following = !this.following;
    this.went = "";
    if (this.following) this.go();
    this.draw();
  }

  /** @param {boolean} [part] only the part of the page that is in view */
  turn(part = false) {
    const page = this.here();
    if (!page || !this.hasFloor()) return;
    const sent = this.live.send({ type: "turn", hearing: this.state.hearing, page: page.id, view: part ? this.visiblePart(page.id) : null });
    if (!sent) this.problem(gettext("There is no connection: nobody was turned. It comes back by itself."));
  }

  /** The part of the page that this window shows; null for all of it. @param {string} id */
  visiblePart(id) {
    const part = this.reader.viewNow();
    if (!part || part.page !== id) return null;
    const { x, y, w, h } = part;
    return w > 0.02 && h > 0.02 && (w < 0.98 || h < 0.98) ? { x, y, w, h } : null;
  }

  togglePointer() {
    this.pointing = !this.pointing;
    if (!this.pointing) this.live.send({ type: "point", hearing: this.state.hearing, page: this.state.page, at: null });
    this.draw();
  }

  toggleNotes() {
    document.body.classList.toggle("show-notes");
    this.draw();
  }

  /** The presenter's pointer moved. @param {PointerEvent} event */
  point(event) {
    if (!this.pointing || !this.hasFloor() || !this.state.page) return;
    const now = performance.now();
    if (now - (this.pointed ?? 0) < 1000 / POINTS_A_SECOND) return;
    const spot = this.reader.pointAt(event.clientX, event.clientY);
    const inside = spot?.page.id === this.state.page;
    if (!inside && !this.wasInside) return;
    this.wasInside = inside;
    this.pointed = now;
    this.live.send({ type: "point", hearing: this.state.hearing, page: this.state.page, at: spot && inside ? [spot.x, spot.y] : null });
  }

  /** @param {{page: string, at: number[]|null}} frame */
  showPointer(frame) {
    clearTimeout(this.pointerEnds);
    for (const [page, pointer] of this.pointers) {
      if (page !== frame.page || !frame.at) {
        pointer.remove();
        this.pointers.delete(page);
      }
    }
    const overlay = frame.at && this.reader.overlay(frame.page);
    if (!overlay || !frame.at) return;
    let pointer = this.pointers.get(frame.page);
    if (!pointer || pointer.parentElement !== overlay) {
      pointer?.remove();
      pointer = document.createElement("span");
      pointer.className = "court-pointer";
      pointer.setAttribute("aria-hidden", "true");
      overlay.append(pointer);
      this.pointers.set(frame.page, pointer);
    }
    pointer.style.left = `${frame.at[0] * 100}%`;
    pointer.style.top = `${frame.at[1] * 100}%`;
    this.pointerEnds = setTimeout(() => this.showPointer({ page: frame.page, at: null }), POINTER_STAYS);
  }

  /** The outline of the part that is presented. */
  drawView() {
    document.querySelectorAll(".court-view").forEach((old) => old.remove());
    const { page, view } = this.state;
    const overlay = page && view && this.reader.overlay(page);
    if (!overlay) return;
    const box = document.createElement("span");
    box.className = "court-view";
    box.setAttribute("aria-hidden", "true");
    box.style.left = `${view.x * 100}%`;
    box.style.top = `${view.y * 100}%`;
    box.style.width = `${view.w * 100}%`;
    box.style.height = `${view.h * 100}%`;
    overlay.append(box);
  }

  /** @param {{of: string|null, detail: string}} frame */
  refused(frame) {
    if (frame.of === "turn" || frame.of === "point") this.problem(frame.detail);
  }

  /** @param {string} text */
  problem(text) {
    this.trouble = text;
    this.draw();
    clearTimeout(this.troubleEnds);
    this.troubleEnds = setTimeout(() => {
      this.trouble = "";
      this.draw();
    }, 8_000);
  }

  sentence() {
    const name = this.state.presenter?.name;
    const label = this.state.label;
    const here = this.here()?.label ?? "–";
    if (this.hasFloor()) {
      if (!this.state.page) return gettext("You have the floor. Press P to turn everybody to the page in view.");
      const { people, screens } = this.watching.page === this.state.page ? this.watching : { people: 0, screens: 0 };
      const who = fill(ngettext("%(n)s person", "%(n)s people", people), { n: people });
      const what = fill(ngettext("%(n)s screen", "%(n)s screens", screens), { n: screens });
      return this.here()?.id === this.state.page
        ? fill(gettext("You are presenting. %(people)s and %(screens)s are at %(label)s."), { people: who, screens: what, label })
        : fill(gettext("You are at %(here)s; %(people)s and %(screens)s are at %(label)s."), { here, people: who, screens: what, label });
    }
    if (this.state.hidden) return gettext("A page is being shown that is not for you.");
    if (!this.state.page) return name ? fill(gettext("%(name)s has the floor. Nothing is being shown."), { name }) : gettext("The court is sitting. Nothing is being shown.");
    if (!this.following) {
      return this.here()?.id === this.state.page
        ? fill(gettext("The court is at %(label)s too. You are not following."), { label })
        : fill(gettext("You are at %(here)s; the court is at %(label)s."), { here, label });
    }
    return name
      ? fill(gettext("%(name)s is presenting %(label)s. You are following."), { name, label })
      : fill(gettext("The court is at %(label)s. You are following."), { label });
  }

  /**
   * @param {string} command
   * @param {string} text
   * @param {string} key
   * @param {boolean} [pressed]
   */
  button(command, text, key, pressed) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "court-bar__button";
    button.dataset.command = command;
    button.setAttribute("aria-keyshortcuts", key);
    if (pressed !== undefined) button.setAttribute("aria-pressed", String(pressed));
    button.append(`${text} `);
    const hint = document.createElement("kbd");
    hint.textContent = key;
    button.append(hint);
    return button;
  }

  draw() {
    const sits = this.sits();
    this.drawSlot(sits);
    if (!sits && !this.trouble) {
      this.bar.replaceChildren();
      this.said = "";
      return;
    }
    const text = this.trouble || (this.away ? gettext("The connection to the court was lost. It comes back by itself.") : this.sentence());
    let words = this.bar.querySelector(".court-bar__words");
    if (!words) {
      const bar = document.createElement("div");
      bar.className = "court-bar";
      words = document.createElement("p");
      words.className = "court-bar__words";
      words.setAttribute("role", "status");
      const buttons = document.createElement("div");
      buttons.className = "court-bar__buttons";
      bar.append(words, buttons);
      this.bar.replaceChildren(bar);
    }
    if (this.said !== text) {
      words.textContent = text;
      this.said = text;
    }
    const bar = /** @type {HTMLElement} */ (this.bar.firstElementChild);
    bar.classList.toggle("court-bar--away", this.away || Boolean(this.trouble));
    bar.classList.toggle("court-bar--mine", this.hasFloor());
    const wanted = this.buttons();
    const holder = /** @type {HTMLElement} */ (bar.querySelector(".court-bar__buttons"));
    const signature = wanted.map((button) => button.outerHTML).join();
    // The same buttons are left alone, so that whoever has one under their finger keeps it.
    if (holder.dataset.signature !== signature) {
      const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.closest("[data-command]");
      const again = holder.contains(focused ?? null) ? /** @type {HTMLElement} */ (focused).dataset.command : null;
      holder.replaceChildren(...wanted);
      holder.dataset.signature = signature;
      if (again) /** @type {HTMLElement|null} */ (holder.querySelector(`[data-command="${again}"]`) ?? holder.querySelector("button"))?.focus();
    }
  }

  buttons() {
    if (!this.sits()) return [];
    if (this.hasFloor()) {
      const buttons = [this.button("present", gettext("Turn everybody here"), "P")];
      if (this.state.page) {
        buttons.push(this.button("pointer", gettext("Pointer"), ".", this.pointing));
        buttons.push(this.button("own-notes", gettext("My notes"), "O", document.body.classList.contains("show-notes")));
      }
      return buttons;
    }
    if (!this.state.page) return [];
    return [this.following ? this.button("follow", gettext("Look elsewhere"), "F") : this.button("follow", gettext("Return"), "F")];
  }

  /** The right end of the dark bar: the way to the hearing. @param {boolean} sits */
  drawSlot(sits) {
    const show = sits || this.config.viewer.may.includes("preside");
    this.slot.hidden = !show;
    if (this.phone) {
      this.phone.hidden = !sits;
      this.phone.dataset.command = this.hasFloor() ? "present" : "follow";
    }
    if (!show) return;
    let link = this.slot.querySelector("a");
    if (!link) {
      link = document.createElement("a");
      link.className = "cb-bar-button court-link";
      this.slot.replaceChildren(link);
    }
    link.href = sits ? `/hearings/${this.state.hearing}/` : `/cases/${encodeURIComponent(this.config.reference)}/hearings/`;
    link.textContent = sits ? gettext("Hearing") : gettext("Open hearing");
  }
}

// A staged document that its party checks has nothing to do with the court.
ready.then((reader) => reader.config.preview || new Court(reader));
