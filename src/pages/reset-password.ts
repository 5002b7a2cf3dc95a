/**
 * From the link in a message to a new password.
 *
 * Opening the link moves its token into a cookie and redirects. When the form appears, the token is no longer in the
 * address bar, the history, or a referrer (OWASP, Forgot Password). Opening the link never consumes the token, no matter
 * how often a person or a mail scanner does it. Only the POST with the new password does.
 *
 * @module
 */
import { ResetError } from "../errors.js";
import { html } from "../html.js";
import { problemSentence } from "../http/answers.js";
import { maskIdentifier } from "../identity/identifier.js";
import type { HttpResponse } from "../types.js";
import { dropTicket, parseTicket, readCookie, setTicket, type Ticket } from "./cookies.js";
import { formToken, hasFormKey, isOwnForm } from "./csrf.js";
import { noCookies, over, stale } from "./error-pages.js";
import { leftToRight } from "./forgot-password.js";
import { button, fields, form, link, paragraph, type Field } from "./layout.js";
import { redirect, show, type Page, type Visit } from "./page.js";
import { readForm } from "./posted-form.js";

/** `GET {choose}/{token}`. Looks nothing up: the form checks whether the token is valid. */
export async function open(visit: Visit, written: string): Promise<HttpResponse> {
  const token = decodeToken(written);
  if (token === null) return over(visit);
  return redirect(visit, `${visit.site.paths.choose}?${fromLink}`, [setTicket({ token }, visit.site.secure)]);
}

/** Marks the redirect above: a browser that follows it without the cookie blocks cookies. */
const fromLink = "from=link";

export const choose: Page = {
  async GET(visit) {
    // A browser that has the form's cookie doesn't block cookies, so its ticket has expired.
    const isKept = visit.request.query !== fromLink || ticketOf(visit) || hasFormKey(visit);
    return isKept ? showForm(visit) : noCookies(visit);
  },

  async POST(visit) {
    const { site, context, sentences } = visit;
    const posted = await readForm(visit);
    const ticket = await usableTicket(visit);
    if (!ticket) return hasFormKey(visit) ? over(visit) : noCookies(visit);
    if (!(await isOwnForm(visit, "choose", posted.text("form_token"))))
      return stale(visit, site.paths.choose);
    const say = sentences.pages.choose;
    const field = { name: "password", role: "password", kind: "password", required: true } as const;
    const { value: password, errors } = posted.check(field, say.blankPassword);
    if (errors) return showForm(visit, { password: errors });
    if (password !== posted.text("repeat")) return showForm(visit, { repeat: [say.different] });
    const secondFactor = posted.text("second_factor") || undefined;
    await posted.pass("confirm");
    try {
      await site.reset.confirm({ ...ticket, password, secondFactor }, context);
    } catch (error) {
      if (!(error instanceof ResetError)) throw error;
      if (error.code === "invalid_token") return over(visit);
      if (error.code === "second_factor" || error.fields["second_factor"]) {
        return showForm(visit, { secondFactor: [say.secondFactorWrong] });
      }
      if (error.code !== "weak_password") throw error;
      return showForm(visit, {
        password: error.problems.map((problem) => problemSentence(problem, sentences)),
      });
    }
    return redirect(visit, site.paths.done, [dropTicket(site.secure)]);
  },
};

export const done: Page = {
  async GET(visit) {
    const say = visit.sentences.pages.done;
    const { revokesSessions } = await visit.site.reset.rules();
    return show(visit, {
      icon: "check",
      heading: say.title,
      body: html`${paragraph(say.text)}${revokesSessions && paragraph(say.signedOut)}
${button(visit.site.login, say.login)}`,
    });
  },
};

interface Errors {
  readonly password?: readonly string[];
  readonly repeat?: readonly string[];
  readonly secondFactor?: readonly string[];
}

/** Passwords are never put back into the form. The user or the password manager enters them again. */
async function showForm(visit: Visit, errors?: Errors): Promise<HttpResponse> {
  const { site, context, mountedAt, sentences } = visit;
  const ticket = await usableTicket(visit);
  // Codes are checked in POSTs only: a GET, which doesn't count as an attempt, would let attackers guess.
  const isCode = ticket?.identifier !== undefined;
  const found = ticket && !isCode ? await site.reset.inspect(ticket, context) : null;
  if (!found && !isCode) return over(visit);
  const say = sentences.pages.choose;
  const { token, cookies } = await formToken(visit, "choose");
  const { minLength } = await site.reset.rules();
  const identifier = found ? site.identifierOf(found.user) : ticket?.identifier;
  const asksSecondFactor = found?.secondFactor || errors?.secondFactor !== undefined;
  const password = { type: "password", autocomplete: "new-password" } as const;
  return show(visit, {
    status: errors ? 400 : 200,
    icon: "lock",
    heading: say.title,
    hasErrors: errors !== undefined,
    cookies,
    body: html`${identifier !== undefined && html`<p class="account"><span>${say.account}</span> <strong${sentences.direction && html` dir="auto"`}>${maskIdentifier(identifier)}</strong></p>`}
${form({
  action: mountedAt + site.paths.choose,
  token,
  fields: [
    identifier !== undefined && usernameFor(identifier),
    fields([
      {
        ...password,
        name: "password",
        label: say.password,
        hint: minLength > 0 ? `${say.rule({ min: minLength })} ${say.hint}` : say.hint,
        errors: errors?.password,
        focus: true,
      },
      { ...password, name: "repeat", label: say.repeat, errors: errors?.repeat },
      ...(asksSecondFactor ? [secondFactorField(visit, errors?.secondFactor)] : []),
    ]),
  ],
  submit: say.save,
})}
${link(site.login, sentences.pages.form.backToLogin)}`,
  });
}

/** Keyboards and password managers offer the code of an authenticator app here. */
function secondFactorField({ sentences }: Visit, errors: Errors["secondFactor"]): Field {
  const label = sentences.pages.choose.secondFactor;
  return {
    ...leftToRight(sentences),
    ...{ name: "second_factor", label, type: "text", autocomplete: "one-time-code", inputmode: "numeric" },
    errors,
  };
}

/**
 * Password managers save the new password under this username. Without it, they would guess and keep the old password
 * (Chromium, "Password form styles that Chromium understands"). The page itself shows the masked identifier.
 */
function usernameFor(identifier: string) {
  return html`<input type="text" name="username" autocomplete="username" value="${identifier}" readonly hidden>`;
}

function ticketOf({ site, request, hidden }: Visit): Ticket | null {
  const ticket = parseTicket(readCookie(request.header("cookie"), "resetkit", site.secure));
  if (ticket) hidden.add(ticket.token);
  return ticket;
}

/** Characters that email programs and people leave at the end of a link. No built-in token ends with one. */
const stuck = /[.,:;!?'"*<>()[\]{}|]+$/;

/**
 * The ticket without the characters that stuck to its link, if the token is valid without them. Otherwise they're part of
 * the token, since a custom alphabet may contain them.
 */
async function usableTicket(visit: Visit): Promise<Ticket | null> {
  const ticket = ticketOf(visit);
  const token = ticket?.token.replace(stuck, "");
  if (!ticket || !token || token === ticket.token || ticket.identifier !== undefined) return ticket;
  const bare = { token };
  return (await visit.site.reset.inspect(bare, visit.context)) ? bare : ticket;
}

/** A token of any strategy: printable ASCII, short enough for a cookie. */
const tokenPattern = /^[\x21-\x7e]{1,512}$/;

/** Tokens may contain slashes: Django's are `uid/token`. */
function decodeToken(written: string): string | null {
  try {
    // Programs that wrap lines insert line breaks, spaces, and soft hyphens into links.
    const token = decodeURIComponent(written).replace(/[\s\p{Default_Ignorable_Code_Point}]/gu, "");
    return tokenPattern.test(token) ? token : null;
  } catch {
    return null;
  }
}
