// @ts-check
/** The form that a note, a change or a reply is written in. What is typed in it is never lost by an error. */

import { element, gettext, interpolate } from "../reader/words.js";
import { Problem } from "./store.js";

/** @typedef {import("./model.js").Audience} Audience */
/** @typedef {import("./audience.js").Audiences} Audiences */
/** @typedef {{body: string, tags: string[], audience: Audience}} Written */

/**
 * @typedef {object} FormOptions
 * @property {string} label of the box
 * @property {Audiences} audiences
 * @property {number} longest
 * @property {string} [body]
 * @property {string[]} [tags] without them there is no field for tags
 * @property {Audience} [audience] without one there is no choice of who sees it
 * @property {string} [seen] who sees it, where there is no choice: "only me"
 * @property {boolean} [needed] whether there must be words
 * @property {(audience: Audience | null) => string} submit what the button says
 * @property {(written: Written) => Promise<void> | void} save throws Problem
 * @property {() => void} cancel
 * @property {(audience: Audience) => void} [chosen]
 * @property {() => void} [resized]
 */

let made = 0;

export class NoteForm {
  /** @param {FormOptions} options */
  constructor(options) {
    made += 1;
    this.options = options;
    this.saving = false;
    const id = `note-form-${made}`;
    this.element = element("form", "note-form");
    this.element.noValidate = true;

    this.error = element("p", "note-form__error");
    this.error.id = `${id}-error`;
    this.error.setAttribute("role", "alert");
    this.error.hidden = true;

    const label = element("label", "note-form__label", options.label);
    label.htmlFor = `${id}-body`;
    this.body = element("textarea", "note-form__body");
    this.body.id = `${id}-body`;
    this.body.rows = 3;
    this.body.dir = "auto";
    this.body.value = options.body ?? "";
    this.body.setAttribute("aria-describedby", this.error.id);
    this.element.append(label, this.body);

    /** @type {HTMLInputElement | null} */
    this.tags = null;
    if (options.tags) {
      const row = element("label", "note-form__label note-form__label--small", gettext("Tags, with commas between them"));
      row.htmlFor = `${id}-tags`;
      this.tags = element("input", "note-form__tags");
      this.tags.id = `${id}-tags`;
      this.tags.value = options.tags.join(", ");
      this.tags.autocomplete = "off";
      this.element.append(row, this.tags);
    }

    this.audience = options.audience ?? null;
    if (this.audience) this.element.append(this.chooser(id, this.audience));
    else if (options.seen) {
      this.element.append(element("p", "note-form__seen", interpolate(gettext("Seen by %(who)s"), { who: options.seen })));
    }

    this.element.append(this.error);
    const actions = element("div", "note-form__actions");
    this.submit = element("button", "note-form__save", options.submit(this.audience));
    this.submit.type = "submit";
    const cancel = element("button", "reader-small-button", gettext("Cancel"));
    cancel.type = "button";
    cancel.addEventListener("click", () => options.cancel());
    actions.append(this.submit, cancel);
    this.element.append(actions);
    this.begun = this.text();

    this.body.addEventListener("input", () => this.grow());
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void this.save();
      }
      if (event.key !== "Escape") return;
      // Words are not thrown away by one key; and it is not for the pane around the form.
      event.preventDefault();
      event.stopPropagation();
      if (!this.dirty) options.cancel();
    });
  }

  /**
   * @param {string} id
   * @param {Audience} audience
   */
  chooser(id, audience) {
    const { audiences, chosen } = this.options;
    const part = element("div", "note-form__audience");
    const line = element("p", "note-form__seen");
    const words = element("strong", "", audiences.words(audience));
    const change = element("button", "note__button", gettext("Change"));
    change.type = "button";
    change.setAttribute("aria-expanded", "false");
    change.setAttribute("aria-controls", `${id}-audience`);
    change.setAttribute("aria-label", gettext("Change who sees it"));
    line.append(gettext("Seen by"), " ", words, " ", change);
    const choice = audiences.chooser(audience, (value) => {
      this.audience = value;
      words.textContent = audiences.words(value);
      this.submit.textContent = this.options.submit(value);
      this.fail("");
      chosen?.(value);
      this.options.resized?.();
    });
    choice.id = `${id}-audience`;
    choice.hidden = true;
    change.addEventListener("click", () => {
      choice.hidden = !choice.hidden;
      change.setAttribute("aria-expanded", String(!choice.hidden));
      this.options.resized?.();
    });
    part.append(line, choice);
    return part;
  }

  /** What would be lost. */
  text() {
    return JSON.stringify([this.body.value, this.tags?.value]);
  }

  get dirty() {
    return this.text() !== this.begun;
  }

  grow() {
    this.body.style.height = "auto";
    this.body.style.height = `${Math.min(this.body.scrollHeight + 4, 320)}px`;
    this.options.resized?.();
  }

  focus() {
    this.grow();
    this.body.focus({ preventScroll: true });
    this.body.setSelectionRange(this.body.value.length, this.body.value.length);
    this.element.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} text what is wrong; "" for nothing */
  fail(text) {
    this.error.textContent = text;
    this.error.hidden = !text;
    if (text) this.body.setAttribute("aria-invalid", "true");
    else this.body.removeAttribute("aria-invalid");
    this.options.resized?.();
  }

  async save() {
    if (this.saving) return;
    const body = this.body.value.trim();
    const { needed, longest } = this.options;
    const wrong = needed && !body
      ? gettext("Write the note.")
      : body.length > longest
        ? interpolate(gettext("A note has at most %(most)s characters; this one has %(count)s."), { most: longest, count: body.length })
        : this.audience?.choice === "parties" && !this.audience.parties.length
          ? gettext("Choose at least one party.")
          : "";
    if (wrong) {
      this.fail(wrong);
      this.body.focus();
      return;
    }
    const tags = [...new Set((this.tags?.value ?? "").split(",").map((tag) => tag.trim()).filter(Boolean))];
    this.fail("");
    this.saving = true;
    this.submit.setAttribute("aria-disabled", "true");
    try {
      await this.options.save({ body, tags, audience: this.audience ?? { choice: "private", parties: [] } });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const kept = gettext("Not saved. What you wrote is still here.");
      this.fail(`${error.message} ${kept}`);
      this.body.focus();
    } finally {
      this.saving = false;
      this.submit.removeAttribute("aria-disabled");
    }
  }
}
