// @ts-check
/**
 * Who sees a note: chosen once, kept for the case, and always written out: "only me", "Bates’s defence and the
 * prosecution", "everybody in the case".
 */

import { Bus } from "../reader/events.js";
import { element, gettext, interpolate } from "../reader/words.js";

/** @typedef {import("./model.js").Audience} Audience */
/** @typedef {import("./model.js").Choice} Choice */
/** @typedef {import("./model.js").Note} Note */
/** @typedef {import("./model.js").Setup} Setup */

/**
 * "a", "a and b", "a, b and c".
 * @param {string[]} words
 */
export function listed(words) {
  if (words.length < 2) return words.join("");
  const last = words[words.length - 1];
  return interpolate(gettext("%(first)s and %(last)s"), { first: words.slice(0, -1).join(", "), last });
}

let made = 0;

/** @extends {Bus<{change: Audience}>} */
export class Audiences extends Bus {
  /** @param {Setup} setup */
  constructor(setup) {
    super();
    this.setup = setup;
    this.key = `notes:audience:${setup.me.id ?? ""}:${setup.reference}`;
    /** What new notes get. @type {Audience} */
    this.now = this.remembered() ?? { choice: "private", parties: [] };
  }

  /** @returns {Audience | null} */
  remembered() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
      const known = new Set(this.setup.parties.map((party) => party.slug));
      const parties = Array.isArray(kept?.parties) ? kept.parties.filter((/** @type {string} */ one) => known.has(one)) : [];
      if (kept?.choice === "parties" && !parties.length) return null;
      if (kept?.choice === "party" && !this.setup.mine.length) return null;
      return ["private", "party", "parties", "case"].includes(kept?.choice) ? { choice: kept.choice, parties } : null;
    } catch {
      // Nothing kept, or storage is closed to us: then only me.
      return null;
    }
  }

  /** @param {Audience} audience */
  choose(audience) {
    this.now = audience;
    try {
      localStorage.setItem(this.key, JSON.stringify(audience));
    } catch {
      // It lasts as long as the page.
    }
    this.emit("change", audience);
  }

  /**
   * Parties in words, and whoever sees it beside them.
   * @param {string[]} slugs
   * @param {string} [also]
   */
  parties(slugs, also) {
    // One's own side first, then as the case has them.
    const order = [...this.setup.mine, ...this.setup.parties.map((party) => party.slug)];
    const names = new Map(this.setup.parties.map((party) => [party.slug, party.name]));
    names.set("judge", gettext("the judge"));
    const sorted = [...slugs].sort((a, b) => (order.indexOf(a) + 1 || 99) - (order.indexOf(b) + 1 || 99));
    const words = sorted.map((slug) => names.get(slug) ?? slug);
    return listed(also ? [...words, also] : words);
  }

  /** @param {Audience} audience what I choose, in words */
  words({ choice, parties }) {
    if (choice === "private") return gettext("only me");
    if (choice === "case") return gettext("everybody in the case");
    if (choice === "party") return this.parties(this.setup.mine);
    if (!parties.length) return gettext("nobody yet");
    // I see what I write, whoever I write it for.
    return this.parties(parties, parties.some((slug) => this.setup.mine.includes(slug)) ? "" : gettext("me"));
  }

  /** @param {Note} note */
  of(note) {
    if (note.audience === "private") return note.mine ? gettext("only me") : gettext("only its author");
    if (note.audience === "case") return gettext("everybody in the case");
    const within = note.author.parties.some((slug) => note.parties.includes(slug));
    return this.parties(note.parties, within ? "" : note.mine ? gettext("me") : note.author.name);
  }

  /**
   * What a button does that saves a note for this audience.
   * @param {Audience} audience
   */
  saves(audience) {
    if (audience.choice === "private") return gettext("Save for only me");
    if (audience.choice === "case") return gettext("Share with everybody in the case");
    return interpolate(gettext("Share with %(who)s"), { who: this.words(audience) });
  }

  /**
   * Which of the sides' colours and patterns is somebody's: "p", "c", "d1" to "d6".
   * @param {import("./model.js").Person} person
   */
  side(person) {
    const slug = person.party ?? person.parties?.[0];
    const party = this.setup.parties.find((one) => one.slug === slug);
    if (!party) return "c";
    if (party.kind === "prosecution") return "p";
    if (party.kind === "court") return "c";
    const defendants = this.setup.parties.filter((one) => one.kind !== "prosecution" && one.kind !== "court");
    return `d${(defendants.indexOf(party) % 6) + 1}`;
  }

  /**
   * A choice of who sees it.
   * @param {Audience} value
   * @param {(value: Audience) => void} changed
   * @param {string} [legend]
   * @returns {HTMLFieldSetElement}
   */
  chooser(value, changed, legend = gettext("Who sees it")) {
    made += 1;
    const box = element("fieldset", "notes-audience");
    box.append(element("legend", "notes-audience__legend", legend));
    let now = { choice: value.choice, parties: [...value.parties] };
    const several = element("div", "notes-audience__parties");
    several.setAttribute("role", "group");
    several.setAttribute("aria-label", gettext("Chosen parties"));
    /** @type {[Choice, string][]} */
    const choices = [["private", gettext("Only me")]];
    if (this.setup.mine.length) choices.push(["party", capital(this.parties(this.setup.mine))]);
    choices.push(["parties", gettext("Chosen parties")], ["case", gettext("Everybody in the case")]);
    const tell = () => {
      several.hidden = now.choice !== "parties";
      changed({ choice: now.choice, parties: now.choice === "parties" ? [...now.parties] : [] });
    };
    for (const [choice, words] of choices) {
      const radio = /** @type {HTMLInputElement} */ (element("input"));
      radio.type = "radio";
      radio.name = `notes-audience-${made}`;
      radio.value = choice;
      radio.checked = choice === now.choice;
      radio.addEventListener("change", () => {
        if (!radio.checked) return;
        radio.focus({ preventScroll: true });
        // Who shares with others nearly always means their own side too.
        if (choice === "parties" && !now.parties.length) {
          now.parties = [...this.setup.mine];
          for (const one of several.querySelectorAll("input")) one.checked = now.parties.includes(one.value);
        }
        now.choice = choice;
        tell();
      });
      const row = element("label", "notes-audience__row");
      row.append(radio, element("span", "", words));
      box.append(row);
      if (choice === "parties") box.append(several);
    }
    for (const party of this.setup.parties) {
      const check = /** @type {HTMLInputElement} */ (element("input"));
      check.type = "checkbox";
      check.value = party.slug;
      check.checked = now.parties.includes(party.slug);
      check.addEventListener("change", () => {
        now.parties = now.parties.filter((slug) => slug !== party.slug);
        if (check.checked) now.parties.push(party.slug);
        tell();
      });
      const row = element("label", "notes-audience__row");
      row.append(check, element("span", "", capital(party.name)));
      several.append(row);
    }
    several.hidden = now.choice !== "parties";
    return box;
  }
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
