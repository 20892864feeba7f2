// @ts-check
/** The list of pages stays true while somebody reads: what is served, moved or named anew is there at once. */

import { shared } from "../base/shared.js";
import { gettext, interpolate } from "./words.js";

/** What changes which pages there are, or what they are called. */
const CHANGES = new Set([
  "bundle.numbered",
  "bundle.frozen",
  "document.served",
  "document.replaced",
  "document.withdrawn",
  "document.changed",
  "section.added",
  "section.restricted",
]);
/** A hundred documents are served at once. */
const PAUSE = 400;
/** A new start of the server takes a second or two: nobody needs to hear of that. */
const UNNOTICED = 4000;

/** @param {import("./reader.js").Reader} reader */
export function keepUp(reader) {
  let waiting = 0;
  const again = () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(async () => {
      const before = reader.pageInView;
      try {
        await reader.reload();
      } catch {
        // No connection: the next entry, or the next page that is opened, brings it.
        return;
      }
      const now = before && reader.pages.byId(before.id);
      // Who reads B12 should not wonder why it says B14: the page did not move, its number did.
      if (before && now && now.label !== before.label) reader.tellMoved(before.label, now.label);
    }, PAUSE);
  };
  const live = shared(reader.config.reference);
  let away = 0;
  let told = false;
  live.on("status", (status) => {
    if (status === "away") {
      // It is said again with every try that fails: the first counts.
      away ||= window.setTimeout(() => {
        told = true;
        reader.tell(gettext("The connection is lost and comes back by itself. Pages that are here can be read."));
      }, UNNOTICED);
      return;
    }
    clearTimeout(away);
    away = 0;
    reader.pictures.again();
    if (told) reader.tell("");
    told = false;
  });
  live.on("entry", (entry) => {
    if (CHANGES.has(entry.action)) again();
    if (entry.action === "document.withdrawn" && reader.pageInView?.document.id === entry.data?.document) {
      reader.tell(interpolate(gettext("“%(title)s” was withdrawn"), { title: entry.data.title }));
    }
  });
}
