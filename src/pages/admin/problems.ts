/**
 * The error pages. Only administrators see them.
 *
 * @module
 */
import { ResetError } from "../../errors.js";
import { html } from "../../html.js";
import { retryAfter } from "../../http/answers.js";
import { describeError } from "../../runtime/log.js";
import type { HttpResponse } from "../../types.js";
import { button, link, paragraph } from "../layout.js";
import { show, type AdminVisit } from "./page.js";

/** For a POST that didn't come from one of these pages' forms. */
export function stale(visit: AdminVisit): Promise<HttpResponse> {
  const { title, text, again } = visit.sentences.pages.stale;
  return show(visit, {
    status: 403,
    heading: title,
    body: html`${paragraph(text)}${button(visit.base, again)}`,
  });
}

/** For an account or an entry that is no longer there. */
export function missing(visit: AdminVisit, heading: string): Promise<HttpResponse> {
  return show(visit, { status: 404, heading, body: link(visit.base, visit.say.back) });
}

export function wrongMethod(visit: AdminVisit, allowed: readonly string[]): Promise<HttpResponse> {
  const { pages, api } = visit.sentences;
  return show(visit, {
    status: 405,
    heading: pages.refused.title,
    body: html`${paragraph(api.method_not_allowed(visit.request.method.slice(0, 20)))}${link(visit.base, visit.say.back)}`,
    headers: { allow: allowed.join(", ") },
  });
}

/** The page for an error. Logs the error, unless the engine already has. */
export function failed(visit: AdminVisit, error: unknown): Promise<HttpResponse> {
  const { sentences, site, say } = visit;
  const known = error instanceof ResetError ? error : undefined;
  if (!known) site.log.error(`An administrator's page failed: ${describeError(error)}`);
  // An unknown error is most often a database that can't be reached.
  const isTemporary = !known || known.code === "unavailable";
  const wait = known && retryAfter(known);
  return show(visit, {
    status: known ? known.status : 503,
    heading: isTemporary ? sentences.pages.unavailable.title : sentences.pages.refused.title,
    body: html`${paragraph(isTemporary ? sentences.api.unavailable : sentences.pages.refused.text)}${link(visit.base, say.back)}`,
    headers: wait === undefined ? {} : { "retry-after": String(wait) },
  });
}
