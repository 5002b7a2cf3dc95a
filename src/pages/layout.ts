/**
 * The parts of a page: forms, fields, links.
 *
 * @module
 */
import { html, raw, type Html, type HtmlValue } from "../html.js";

/** A POST form. The server checks the fields and words the errors, so the browser's own validation is off. */
export function form(options: {
  readonly action: string;
  /** See csrf.ts. */
  readonly token: string;
  readonly fields: HtmlValue;
  readonly submit: string;
}): Html {
  return html`<form method="post" action="${options.action}" novalidate>
<input type="hidden" name="form_token" value="${options.token}">
${options.fields}
<button type="submit">${options.submit}</button>
</form>`;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly autocomplete: string;
  readonly inputmode?: "text" | "email" | "numeric";
  readonly value?: string | undefined;
  /** Email addresses and codes run from left to right, even on pages that don't. */
  readonly direction?: "ltr" | undefined;
  /** A rule or a hint above the field. */
  readonly hint?: string | undefined;
  /** Errors, shown below the field and tied to it for screen readers. The field then gets the focus. */
  readonly errors?: readonly string[] | undefined;
  /** Whether the field has the focus initially. A field with errors takes precedence. */
  readonly focus?: boolean;
}

/** Fields, one per row. The first one with errors has the focus, otherwise the first one with `focus`. */
export function fields(list: readonly Field[]): HtmlValue {
  const focused = list.find((field) => field.errors?.length) ?? list.find((field) => field.focus);
  return list.map((field) => fieldOf(field, field === focused));
}

function fieldOf(field: Field, hasFocus: boolean): Html {
  const { name, errors = [], hint } = field;
  const isWrong = errors.length > 0;
  const describedBy = [isWrong && `${name}-errors`, hint && `${name}-hint`].filter(Boolean).join(" ");
  return html`<div class="field">
<label for="${name}">${field.label}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
<input id="${name}" name="${name}" type="${field.type}" autocomplete="${field.autocomplete}" autocapitalize="none" spellcheck="false" required${raw(hasFocus ? " autofocus" : "")}${raw(isWrong ? ' aria-invalid="true"' : "")}${describedBy && html` aria-describedby="${describedBy}"`}${field.inputmode && html` inputmode="${field.inputmode}"`}${field.direction && html` dir="${field.direction}"`}${field.value !== undefined && html` value="${field.value}"`}>
${isWrong && html`<div class="errors" id="${name}-errors" role="alert">${errors.map((error) => html`<p>${error}</p>`)}</div>`}
</div>`;
}

export function paragraph(text: string): Html {
  return html`<p>${text}</p>`;
}

/** A link that looks like a button: the page's primary action. */
export function button(href: string, text: string): Html {
  return html`<a class="button" href="${href}">${text}</a>`;
}

/** A link below the button. */
export function link(href: string, text: string): Html {
  return html`<p class="more"><a href="${href}">${text}</a></p>`;
}
