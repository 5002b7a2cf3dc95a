/**
 * The error pages.
 *
 * @module
 */
import { ResetError } from "../errors.js";
import { type Html, html } from "../html.js";
import type { Icon } from "../html/document.js";
import { retryAfter } from "../http/answers.js";
import { inWords } from "../locales/in-words.js";
import { describeError } from "../runtime/log.js";
import type { HttpResponse } from "../types.js";
import { dropTicket } from "./cookies.js";
import { hasFormKey, isFromOwnSite } from "./csrf.js";
import { button, link, paragraph } from "./layout.js";
import { show, type Visit } from "./page.js";

/** The one page for links and tickets that are unknown, used, expired, truncated, or missing. */
export function over(visit: Visit): Promise<HttpResponse> {
  const { site, mountedAt, sentences } = visit;
  const say = sentences.pages.over;
  return show(visit, {
    status: 404,
    icon: "stop",
    heading: say.title,
    body: html`${paragraph(say.text)}${paragraph(say.help)}
${button(mountedAt + site.paths.ask, say.again)}
${site.codes && link(mountedAt + site.paths.code, sentences.pages.sent.enterCode)}
${signIn(visit)}`,
    cookies: [dropTicket(site.secure)],
  });
}

/** For a browser that opened a link, or was shown a form, and didn't keep its cookie. `path` leads to the form. */
export function noCookies(visit: Visit, path?: string): Promise<HttpResponse> {
  const { noCookies: say, stale } = visit.sentences.pages;
  return show(visit, {
    status: path === undefined ? 400 : 403,
    icon: "stop",
    heading: say.title,
    body: html`${paragraph(say.text)}
${path === undefined ? newLink(visit) : button(visit.mountedAt + path, stale.again)}${signIn(visit)}`,
  });
}

/** For a POST that didn't come from one of these pages' forms. `path` leads to the form. */
export function stale(visit: Visit, path: string): Promise<HttpResponse> {
  // Every form comes with a cookie, so a browser on this site without one blocks cookies.
  if (isFromOwnSite(visit) && !hasFormKey(visit)) return noCookies(visit, path);
  const say = visit.sentences.pages.stale;
  return show(visit, {
    status: 403,
    icon: "stop",
    heading: say.title,
    body: html`${paragraph(say.text)}
${button(visit.mountedAt + path, say.again)}
${path !== visit.site.paths.ask && newLink(visit)}
${signIn(visit)}`,
  });
}

export function wrongMethod(visit: Visit, allowed: readonly string[]): Promise<HttpResponse> {
  const { pages, api } = visit.sentences;
  return show(visit, {
    status: 405,
    icon: "stop",
    heading: pages.refused.title,
    body: html`${paragraph(api.method_not_allowed(visit.request.method.slice(0, 20)))}
${newButton(visit)}${signIn(visit)}`,
    headers: { allow: allowed.join(", ") },
  });
}

/** The page for an error. Internal errors go to the log, without email addresses. */
export function failed(visit: Visit, error: unknown): Promise<HttpResponse> {
  const { site, sentences } = visit;
  const known = error instanceof ResetError ? error : new ResetError("internal", { cause: error });
  if (known.code === "internal")
    site.log.error(`A page failed: ${describeError(known.cause ?? known, [...visit.hidden])}`);
  const { icon, heading, text } = explain(known, visit);
  const wait = retryAfter(known);
  return show(visit, {
    status: known.status,
    icon,
    heading,
    body: html`${paragraph(text)}${known.code === "throttled" && paragraph(sentences.pages.tryAgainIn(inWords(wait ?? 0, sentences)))}
${icon === "clock" ? newLink(visit) : newButton(visit)}${signIn(visit)}`,
    headers: wait === undefined ? {} : { "retry-after": String(wait) },
  });
}

function explain(error: ResetError, { sentences }: Visit): { icon: Icon; heading: string; text: string } {
  const { pages, api } = sentences;
  switch (error.code) {
    case "throttled":
      return { icon: "clock", heading: pages.throttled.title, text: pages.throttled.text };
    case "unavailable":
      return { icon: "clock", heading: pages.unavailable.title, text: api.unavailable };
    case "vetoed":
      return { icon: "stop", heading: pages.refused.title, text: api.vetoed };
    case "body_too_large":
    case "body_timeout":
      return { icon: "stop", heading: pages.refused.title, text: api[error.code] };
    case "malformed_body":
    case "unsupported_media_type":
    case "invalid_input":
      return { icon: "stop", heading: pages.refused.title, text: pages.refused.text };
    case "not_found":
      return { icon: "stop", heading: pages.refused.title, text: api.not_found };
    default:
      return { icon: "stop", heading: pages.refused.title, text: api.internal };
  }
}

// No page is a dead end: each leads to a new request and to the sign-in page. A new request is the button, unless
// something else comes first, such as waiting.

function newButton({ site, mountedAt, sentences }: Visit): Html {
  return button(mountedAt + site.paths.ask, sentences.pages.over.again);
}

function newLink({ site, mountedAt, sentences }: Visit): Html {
  return link(mountedAt + site.paths.ask, sentences.pages.over.again);
}

function signIn({ site, sentences }: Visit): Html {
  return link(site.login, sentences.pages.form.backToLogin);
}
