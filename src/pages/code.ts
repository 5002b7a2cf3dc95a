/**
 * The page for one-time codes. It checks the code, then continues as if a link had been opened.
 *
 * @module
 */
import { html } from "../html.js";
import type { HttpResponse } from "../types.js";
import { setTicket } from "./cookies.js";
import { formToken, isOwnForm } from "./csrf.js";
import { stale } from "./error-pages.js";
import { checkIdentifier, flowOf, identifierField, leftToRight } from "./forgot-password.js";
import { fields, form, link, paragraph, type Field } from "./layout.js";
import { redirect, show, type Page, type Visit } from "./page.js";
import { readForm, type Checked } from "./posted-form.js";

export const code: Page = {
  GET: (visit) => showForm(visit),

  async POST(visit) {
    const { site, context, sentences } = visit;
    const posted = await readForm(visit);
    if (!(await isOwnForm(visit, "code", posted.text("form_token")))) return stale(visit, site.paths.code);
    const say = sentences.pages.code;
    const identifier = checkIdentifier(posted, visit);
    const typed = posted.check({ name: "code", role: "token", kind: "token", required: true }, say.blankCode);
    if (identifier.errors || typed.errors) return showForm(visit, identifier, typed);
    await posted.pass("validate");
    const ticket = { token: typed.value, identifier: identifier.value };
    // Checked in the POST, which counts as an attempt, so that a GET never has to count one.
    const isGood = async (flow?: string) =>
      codePattern.test(ticket.token) && (await site.reset.validate({ ...ticket, flow }, context));
    const flow = flowOf(visit);
    // A code from an earlier email or another browser isn't part of this flow. Check it again without the flow handle.
    const isFlows = flow !== undefined && (await isGood(flow));
    if (!isFlows && !(await isGood())) return showForm(visit, identifier, { value: "", errors: [say.wrong] });
    const ownFlow = { ...ticket, ...(isFlows && { flow }) };
    return redirect(visit, site.paths.choose, [setTicket(ownFlow, site.secure)]);
  },
};

/** Permissive, because people type codes on keyboards of any script, with spaces and hyphens. Bounded by what fits in a cookie. */
const codePattern = /^[^\p{Cs}]{1,64}$/u;

async function showForm(visit: Visit, identifier?: Checked, typed?: Checked): Promise<HttpResponse> {
  const { site, mountedAt, sentences } = visit;
  const { code: say, form: common } = sentences.pages;
  const { token, cookies } = await formToken(visit, "code");
  const code: Field = { name: "code", label: say.code, type: "text", autocomplete: "one-time-code" };
  return show(visit, {
    status: identifier ? 400 : 200,
    icon: "key",
    heading: say.title,
    hasErrors: identifier !== undefined,
    cookies,
    body: html`${paragraph(say.text)}
${form({
  action: mountedAt + site.paths.code,
  token,
  fields: fields([
    { ...identifierField(visit), ...identifier, focus: true },
    { ...code, ...leftToRight(visit.sentences), errors: typed?.errors },
  ]),
  submit: say.goOn,
})}
${link(mountedAt + site.paths.ask, say.again)}
${link(site.login, common.backToLogin)}`,
  });
}
