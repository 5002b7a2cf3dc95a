/**
 * The page that takes a request, and the one that follows, which is the same for everyone.
 *
 * @module
 */
import { ResetError } from "../errors.js";
import { html } from "../html.js";
import { isAddress, isPlainText } from "../identifier.js";
import type { HttpResponse } from "../types.js";
import { formToken, isOwnForm, readForm } from "./forms.js";
import { button, fields, form, link, paragraph, type Field } from "./layout.js";
import { stale } from "./trouble.js";
import { redirect, show, type Page, type Visit } from "./visit.js";

export const ask: Page = {
  GET: (visit) => showForm(visit),

  async POST(visit) {
    const { site, context, sentences } = visit;
    const posted = await readForm(visit);
    if (!(await isOwnForm(visit, "ask", posted.text("form_token")))) return stale(visit, site.paths.ask);
    const identifier = posted.text(site.field).trim();
    const wrong = problemOf(identifier, visit);
    if (wrong) return showForm(visit, { value: identifier, error: wrong });
    await posted.pass("request");
    try {
      await site.reset.request({ identifier }, context);
    } catch (error) {
      // Only with `revealUnknown`, which its name says all about.
      if (!(error instanceof ResetError) || error.code !== "unknown_account") throw error;
      return showForm(visit, { value: identifier, error: sentences.api.unknown_account });
    }
    return redirect(visit, site.paths.sent);
  },
};

export const sent: Page = {
  GET(visit) {
    const { site, mountedAt, sentences } = visit;
    const say = sentences.pages.sent;
    return show(visit, {
      icon: "mail",
      heading: say.title,
      body: html`${paragraph(say.text)}${paragraph(say.help)}
${site.codes && button(mountedAt + site.paths.code, say.enterCode)}
${link(mountedAt + site.paths.ask, say.again)}`,
    });
  },
};

/** What is wrong with an identifier as it was typed, in a sentence; nothing where it can be one. */
export function problemOf(identifier: string, { site, sentences }: Visit): string | undefined {
  const isEmail = site.format === "email";
  const { form: say } = sentences.pages;
  if (identifier === "") return isEmail ? say.blankAddress : say.blankName;
  if (isEmail) return isAddress(identifier) ? undefined : sentences.api.fields.invalid_address;
  return isPlainText(identifier) ? undefined : sentences.api.fields.invalid_text;
}

/** The field in which people name their account. */
export function identifierField({ site, sentences }: Visit): Omit<Field, "value"> {
  const isEmail = site.format === "email";
  const { form: say } = sentences.pages;
  return {
    name: site.field,
    label: site.label ?? (isEmail ? say.address : say.name),
    type: isEmail ? "email" : "text",
    autocomplete: "username",
  };
}

async function showForm(
  visit: Visit,
  typed: { readonly value?: string; readonly error?: string } = {},
): Promise<HttpResponse> {
  const { site, mountedAt, sentences } = visit;
  const { ask: say, form: common } = sentences.pages;
  const { token, cookies } = await formToken(visit, "ask");
  const errors = typed.error === undefined ? undefined : [typed.error];
  return show(visit, {
    status: errors ? 400 : 200,
    icon: "key",
    heading: say.title,
    hasErrors: errors !== undefined,
    cookies,
    body: html`${paragraph(say.text(site.format === "email"))}
${form({
  action: mountedAt + site.paths.ask,
  token,
  fields: fields([{ ...identifierField(visit), value: typed.value, errors, focus: true }]),
  submit: say.send,
})}
${link(site.login, common.backToLogin)}`,
  });
}
