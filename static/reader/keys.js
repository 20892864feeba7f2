// @ts-check
/**
 * Everything that can be done by a key: each command has a name, a key, a place in the list of keys (?), and any
 * number of buttons (`data-command`). No key works while somebody types, or together with Ctrl, Alt or Meta.
 */

import { byId, element, gettext, interpolate } from "./words.js";

/**
 * @typedef {object} Command
 * @property {string} id
 * @property {string} label what it does, as the list of keys says it
 * @property {() => void} run
 * @property {string | string[]} [key] as in KeyboardEvent.key; the first is the one that is named on buttons
 * @property {string} [group] heading in the list of keys
 * @property {boolean} [hidden] not in the list of keys
 * @property {() => boolean} [when] whether it can be done now
 */

const STORE = "reader:keys";

/** @type {Record<string, string>} */
const NAMES = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageUp: "Page Up",
  PageDown: "Page Down",
  " ": "Space",
  Escape: "Esc",
};

/** @param {EventTarget | null} target */
export function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["button", "checkbox", "radio", "submit"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

export class Keys {
  constructor() {
    /** @type {Map<string, Command>} */
    this.commands = new Map();
    /** @type {Map<string, Command>} */
    this.byKey = new Map();
    this.dialog = /** @type {HTMLDialogElement} */ (byId("reader-help"));
    this.off = false;
    try {
      this.off = localStorage.getItem(STORE) === "off";
    } catch {
      // Storage may be closed to us; then the choice lasts as long as the page.
    }
    document.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("click", (event) => this.clicked(event));
    const box = /** @type {HTMLInputElement} */ (byId("reader-help-switch"));
    box.checked = !this.off;
    box.addEventListener("change", () => {
      this.off = !box.checked;
      try {
        localStorage.setItem(STORE, this.off ? "off" : "on");
      } catch {
        // As above.
      }
    });
    this.dialog.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (target === this.dialog || target.closest('[data-close="help"]')) this.dialog.close();
    });
  }

  /**
   * Add a command. A later one takes a key, or the name, from an earlier one.
   * @param {Command} command
   */
  add(command) {
    this.commands.set(command.id, command);
    for (const key of this.keysOf(command)) this.byKey.set(key, command);
    for (const button of document.querySelectorAll(`[data-command="${command.id}"]`)) this.name(button, command);
  }

  /** @param {Command} command */
  keysOf(command) {
    return command.key === undefined ? [] : [command.key].flat();
  }

  /**
   * Say the key on a button. The name of a button stays its own words.
   * @param {Element} button
   * @param {Command} command
   */
  name(button, command) {
    const [key] = this.keysOf(command);
    const title = key ? interpolate(gettext("%(what)s (%(key)s)"), { what: command.label, key: NAMES[key] ?? key }) : command.label;
    button.setAttribute("title", title);
    if (key) button.setAttribute("aria-keyshortcuts", key === " " ? "Space" : key);
  }

  /** @param {string} id */
  run(id) {
    const command = this.commands.get(id);
    if (command && (command.when?.() ?? true)) command.run();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    // Single letters can be turned off (WCAG 2.1.4); keys that are no characters always work.
    if (this.off && event.key.length === 1 && event.key !== " ") return;
    // A button is pressed with the space bar, a tab chosen with arrows.
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === " " && target.closest("button, a, summary, [role=option]")) return;
    if (event.shiftKey && event.key.length > 1) return;
    const command = this.byKey.get(event.key) ?? (event.shiftKey ? undefined : this.byKey.get(event.key.toLowerCase()));
    if (!command || !(command.when?.() ?? true)) return;
    event.preventDefault();
    command.run();
  }

  /** @param {MouseEvent} event */
  clicked(event) {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("[data-command]");
    if (button instanceof HTMLElement && button.dataset.command) this.run(button.dataset.command);
  }

  /** Show all keys. */
  help() {
    const body = byId("reader-help-body");
    body.replaceChildren();
    /** @type {Map<string, Command[]>} */
    const groups = new Map();
    for (const command of this.commands.values()) {
      if (command.hidden || command.key === undefined) continue;
      const group = command.group ?? gettext("Other");
      groups.set(group, [...(groups.get(group) ?? []), command]);
    }
    for (const [name, commands] of groups) {
      const part = element("section", "reader-help__group");
      const list = element("dl", "reader-help__keys");
      for (const command of commands) {
        const row = element("div", "reader-help__row");
        const keys = element("dt");
        this.keysOf(command).forEach((key, at) => {
          if (at) keys.append(" ");
          keys.append(element("kbd", "reader-key", NAMES[key] ?? key));
        });
        row.append(keys, element("dd", "", command.label));
        list.append(row);
      }
      part.append(element("h3", "reader-help__heading", name), list);
      body.append(part);
    }
    this.dialog.showModal();
  }
}
