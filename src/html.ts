/**
 * HTML templates: interpolated values are escaped unless they're already HTML.
 *
 * @module
 */

const brand = Symbol("html");

/** HTML that is safe to send. Only `html` and `raw` create it; `String(…)` returns its text. */
export interface Html {
  readonly [brand]: true;
  /** The HTML as text. */
  toString(): string;
}

/** A value that a template can interpolate. Arrays are joined; `null`, `undefined`, and `false` produce nothing. */
export type HtmlValue = string | number | bigint | Html | null | undefined | false | readonly HtmlValue[];

/**
 * Creates HTML from a template literal and escapes interpolated values (OWASP, Cross Site Scripting Prevention).
 *
 * Safe for text and for quoted attribute values. Not for scripts, styles, or event handlers. A URL for `href` must
 * already be known to be https.
 *
 * @example html`<p title="${title}">${name}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return raw(String.raw({ raw: strings }, ...values.map(render)));
}

/** Marks a string as HTML without escaping it. Never use it for anything from a user or a request. */
export function raw(text: string): Html {
  return { [brand]: true, toString: () => text };
}

/** Whether a value was created by `html` or `raw`. JSON can't forge one. */
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

// U+0000 ends text for some parsers, and HTML can't represent it, not even as an entity.
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!).replaceAll("\0", "\uFFFD");
}
