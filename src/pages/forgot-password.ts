/**
 * The page for requesting a reset, and the one after it, which is identical whether or not an account matched.
 *
 * @module
 */
import { ResetError } from "../errors.js";
import { html } from "../html.js";
import type { Sentences } from "../locales/en.js";
import type { HttpResponse } from "../types.js";
import { readCookie, setFlow } from "./cookies.js";
import { formToken, isOwnForm } from "./csrf.js";
import { stale } from "./error-pages.js";
import { button, fields, form, link, paragraph, type Field } from "./layout.js";
import { redirect, show, type Page, type Visit } from "./page.js";
import { readForm, type Checked, type PostedForm } from "./posted-form.js";

export const ask: Page = {
  GET: (visit) => showForm(visit),

  async POST(visit) {
    const { site, context, sentences } = visit;
    const posted = await readForm(visit);
    if (!(await isOwnForm(visit, "ask", posted.text("form_token")))) return stale(visit, site.paths.ask);
    const typed = checkIdentifier(posted, visit);
    if (typed.errors) return showForm(visit, typed);
    await posted.pass("request");
    const cookies: string[] = [];
    try {
      const { flow } = await site.reset.request({ identifier: typed.value, flow: flowOf(visit) }, context);
      if (flow !== undefined) cookies.push(setFlow(flow, site.secure));
    } catch (error) {
      // Thrown only with `revealUnknown`, whose purpose is to show this.
      if (!(error instanceof ResetError) || error.code !== "unknown_account") throw error;
      return showForm(visit, { value: typed.value, errors: [sentences.api.unknown_account] });
    }
    return redirect(visit, site.paths.sent, cookies);
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
${link(mountedAt + site.paths.ask, say.again)}
${link(site.login, sentences.pages.form.backToLogin)}`,
    });
  },
};

/** The flow handle of this browser's latest request. */
export function flowOf({ site, request }: Visit): string | undefined {
  return readCookie(request.header("cookie"), "resetkit-flow", site.secure);
}

/** Checks the identifier that was typed. */
export function checkIdentifier(posted: PostedForm, { site, sentences }: Visit): Checked {
  const isEmail = site.format === "email";
  const { blankAddress, blankName } = sentences.pages.form;
  const kind = isEmail ? "address" : "text";
  const field = { name: site.field, role: "identifier", kind, required: true } as const;
  return posted.check(field, isEmail ? blankAddress : blankName);
}

/** The field for the identifier. */
export function identifierField({ site, sentences }: Visit): Field {
  const isEmail = site.format === "email";
  const { form: say } = sentences.pages;
  return {
    name: site.field,
    label: site.label ?? (isEmail ? say.address : say.name),
    type: isEmail ? "email" : "text",
    autocomplete: "username",
    ...(isEmail && leftToRight(sentences)),
  };
}

/** For fields that take Latin letters and digits on a page whose script runs from right to left. */
export function leftToRight({ direction }: Sentences): Pick<Field, "direction"> {
  return direction === "rtl" ? { direction: "ltr" } : {};
}

async function showForm(visit: Visit, typed?: Checked): Promise<HttpResponse> {
  const { site, mountedAt, sentences } = visit;
  const { ask: say, form: common } = sentences.pages;
  const { token, cookies } = await formToken(visit, "ask");
  return show(visit, {
    status: typed ? 400 : 200,
    icon: "key",
    heading: say.title,
    hasErrors: typed !== undefined,
    cookies,
    body: html`${paragraph(say.text(site.format === "email"))}
${form({
  action: mountedAt + site.paths.ask,
  token,
  fields: fields([{ ...identifierField(visit), ...typed, focus: true }]),
  submit: say.send,
})}
${link(site.login, common.backToLogin)}`,
  });
}
