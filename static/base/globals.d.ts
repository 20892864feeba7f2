/** What Django's JavaScriptCatalog (/jsi18n/) gives every page, in the page's language. */
declare function gettext(text: string): string;
declare function ngettext(one: string, many: string, count: number): string;
declare function pgettext(context: string, text: string): string;
declare function npgettext(context: string, one: string, many: string, count: number): string;
/** `%(name)s` from an object (named = true), or `%s` from an array. */
declare function interpolate(
  format: string,
  values: Record<string, unknown> | unknown[],
  named?: boolean,
): string;

/** What htmx.min.js puts into the window. */
declare const htmx: {
  ajax(verb: string, path: string, context: unknown): Promise<void>;
  process(element: Element): void;
  trigger(element: Element, name: string, detail?: unknown): void;
};
