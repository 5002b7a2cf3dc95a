/**
 * The page for codes: what was typed is checked, and goes the way of a link from there.
 *
 * @module
 */
import { html } from "../html.js";
import type { HttpResponse } from "../types.js";
import { identifierField, problemOf } from "./ask.js";
import { setTicket } from "./cookies.js";
import { formToken, isOwnForm, readForm } from "./forms.js";
import { fields, form, link, paragraph } from "./layout.js";
import { stale } from "./trouble.js";
import { redirect, show, type Page, type Visit } from "./visit.js";

export const code: Page = {
  GET: (visit) => showForm(visit),

  async POST(visit) {
    const { site, context, sentences } = visit;
    const posted = await readForm(visit);
    if (!(await isOwnForm(visit, "code", posted.text("form_token")))) return stale(visit, site.paths.code);
    const identifier = posted.text(site.field).trim();
    const typed = posted.text("code").trim();
    const say = sentences.pages.code;
    const wrong = {
      identifier: problemOf(identifier, visit),
      code: typed === "" ? say.blankCode : undefined,
    };
    if (wrong.identifier ?? wrong.code) return showForm(visit, identifier, wrong);
    await posted.pass("validate");
    const ticket = { token: typed, identifier };
    // Checked in the post, which counts as a try, so that no GET ever has to count one.
    const isGood = codePattern.test(typed) && (await site.reset.validate(ticket, context));
    if (!isGood) return showForm(visit, identifier, { code: say.wrong });
    return redirect(visit, site.paths.choose, [setTicket(ticket, site.secure)]);
  },
};

/** Codes are read off one screen and typed on another: with blanks and hyphens, for all we know. */
const codePattern = /^[\x20-\x7e]{1,64}$/;

async function showForm(
  visit: Visit,
  identifier?: string,
  wrong: { readonly identifier?: string | undefined; readonly code?: string | undefined } = {},
): Promise<HttpResponse> {
  const { site, mountedAt, sentences } = visit;
  const { code: say, sent } = sentences.pages;
  const { token, cookies } = await formToken(visit, "code");
  const hasErrors = wrong.identifier !== undefined || wrong.code !== undefined;
  return show(visit, {
    status: hasErrors ? 400 : 200,
    icon: "key",
    heading: say.title,
    hasErrors,
    cookies,
    body: html`${paragraph(say.text)}
${form({
  action: mountedAt + site.paths.code,
  token,
  fields: fields([
    { ...identifierField(visit), value: identifier, errors: listOf(wrong.identifier), focus: true },
    {
      name: "code",
      label: say.code,
      type: "text",
      autocomplete: "one-time-code",
      errors: listOf(wrong.code),
    },
  ]),
  submit: say.goOn,
})}
${link(mountedAt + site.paths.ask, sent.again)}`,
  });
}

function listOf(error: string | undefined): readonly string[] | undefined {
  return error === undefined ? undefined : [error];
}
