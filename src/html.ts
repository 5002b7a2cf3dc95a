/**
 * HTML out of templates: whatever is put in is escaped, unless it is HTML already.
 *
 * @module
 */

const brand = Symbol("html");

/** HTML that is safe to send. Only `html` and `raw` make it; `String(…)` gives its text. */
export interface Html {
  readonly [brand]: true;
  /** The HTML as text. */
  toString(): string;
}

/** What may be put into a template. Lists are joined; nothing stands for `null`, `undefined` and `false`. */
export type HtmlValue = string | number | bigint | Html | null | undefined | false | readonly HtmlValue[];

/**
 * Makes HTML of a template literal and escapes what is put in (OWASP, Cross Site Scripting Prevention).
 *
 * Good for text and for attribute values that stand in quotes. The limit: no scripts, no styles, no event
 * handlers, and an address in `href` must be known to be https beforehand.
 *
 * @example html`<p title="${title}">${name}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return raw(String.raw({ raw: strings }, ...values.map(render)));
}

/** Takes a text for HTML as it is. Never for anything that came from a user or a request. */
export function raw(text: string): Html {
  return { [brand]: true, toString: () => text };
}

/** Whether a value was made by `html` or `raw`. JSON cannot forge one. */
export function isHtml(value: unknown): value is Html {
  return typeof value === "object" && value !== null && brand in value;
}

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value)) return value.map(render).join("");
  return isHtml(value) ? value.toString() : escape(String(value));
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

// U+0000 ends text for some parsers, and HTML cannot carry it even as an entity.
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!).replaceAll("\0", "\uFFFD");
}
