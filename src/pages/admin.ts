/**
 * Pages for administrators: which accounts have a valid reset link, sending a link to an account, and the queue.
 *
 * @module
 */
import { html } from "../html.js";
import { documentOf } from "../html/document.js";
import { fromRequest, toResponse } from "../http/fetch.js";
import { de } from "../locales/admin/de.js";
import { en, type AdminSentences } from "../locales/admin/en.js";
import { pickSentences } from "../locales/pick.js";
import type {
  FetchContext,
  Handler,
  HttpRequest,
  HttpResponse,
  PasswordReset,
  ResetContext,
} from "../types.js";
import { account, revoke, send } from "./admin/account.js";
import { links, search } from "./admin/links.js";
import {
  createAdminSite,
  type Administrator,
  type AdminPagesOptions,
  type AdminSite,
} from "./admin/options.js";
import { paths, type AdminPage, type AdminVisit } from "./admin/page.js";
import { failed, wrongMethod } from "./admin/problems.js";
import { drop, queue } from "./admin/queue.js";
import { isMount } from "./base-url.js";

export type { Administrator, AdminPagesOptions } from "./admin/options.js";

/** Where the pages are if `baseUrl` has no path. */
const usualPath = "/admin";

/**
 * Makes pages for administrators: the valid links (there's no token to show), a search for an account, a link for an
 * account, revoking, and the queue with its failures. Every action emits an `adminAction` event.
 *
 * Mount it like `htmlPages`. The pages need no JavaScript. Unless `authorize` returns `true` or an administrator, each of
 * them responds like a page that doesn't exist.
 *
 * @throws {TypeError} If `authorize` is missing, or another option can't work.
 * @example
 * ```ts
 * const admin = adminPages(reset, {
 *   baseUrl: "https://example.com/admin/resets",
 *   authorize: (request) => sessionOf(request)?.role === "admin",
 * });
 * app.use(resetMiddleware(admin));
 * ```
 */
export function adminPages<R = any>(reset: PasswordReset, options: AdminPagesOptions<R>): Handler {
  const site = createAdminSite(reset, options as AdminPagesOptions);
  const root = site.basePath || usualPath;

  const plain: Handler["plain"] = async (request, context = {}, mountedAt = "") => {
    const place = placeOf(request.path, root, mountedAt);
    const page = place && pages.get(place.path);
    if (!page) return null;
    const admin = await site.authorize(request);
    if (!admin) return null;
    const base = site.basePath || place.base;
    return answer(page, site, { request, context, base, admin });
  };

  const handler = async (request: Request, context: FetchContext = {}): Promise<Response> => {
    const asked = fromRequest(request, context.peer);
    return toResponse((await plain(asked, context)) ?? (await notFound(site, asked)));
  };
  return Object.assign(handler, { plain });
}

const pages: ReadonlyMap<string, AdminPage> = new Map([
  [paths.links, links],
  [paths.search, search],
  [paths.account, account],
  [paths.send, send],
  [paths.revoke, revoke],
  [paths.queue, queue],
  [paths.drop, drop],
]);

/**
 * Splits a path into the base of the pages and the page below it. The base is the root, the path that an adapter mounted
 * the pages at, or the root below that mount.
 */
function placeOf(path: string, root: string, mountedAt: string): { base: string; path: string } | null {
  if (!isMount(mountedAt)) return null;
  const bases = [root, ...(mountedAt ? [mountedAt + root, mountedAt] : [])];
  const base = bases.find((one) => path === one || path.startsWith(`${one}/`));
  return base === undefined ? null : { base, path: path.slice(base.length).replace(/\/$/, "") };
}

interface Asked {
  readonly request: HttpRequest;
  readonly context: ResetContext;
  readonly base: string;
  readonly admin: Administrator;
}

async function answer(page: AdminPage, site: AdminSite, asked: Asked): Promise<HttpResponse> {
  const { request, base, admin } = asked;
  const context = site.visitorOf(request, asked.context, {});
  const say = sentencesOf(context.locale);
  const visit: AdminVisit = {
    ...{ site, request, context, admin, say, base },
    operations: await site.operations(),
    sentences: pickSentences(say.tag),
    query: new URLSearchParams(request.query),
  };
  try {
    // The queue holds the jobs of all tenants.
    if (admin.scope !== undefined && (page === queue || page === drop)) return await notFound(site, request);
    return await answerMethod(page, visit);
  } catch (error) {
    return failed(visit, error);
  }
}

async function answerMethod(page: AdminPage, visit: AdminVisit): Promise<HttpResponse> {
  const { method } = visit.request;
  if (page.GET && method === "GET") return page.GET(visit);
  if (page.GET && method === "HEAD") return { ...(await page.GET(visit)), body: "" };
  if (page.POST && method === "POST") return page.POST(visit);
  return wrongMethod(visit, [...(page.GET ? ["GET", "HEAD"] : []), ...(page.POST ? ["POST"] : [])]);
}

/** The same response for an unknown path and for everyone who isn't an administrator. It has no menu. */
async function notFound(site: AdminSite, request: HttpRequest): Promise<HttpResponse> {
  const { locale } = site.visitorOf(request, {}, {});
  const { tag, notFound: heading } = sentencesOf(locale);
  const { style, appName } = site;
  const document = documentOf({
    ...{ language: tag, title: heading, appName, style, icon: "stop", heading, body: html`` },
  });
  const headers = { ...(await site.headers()), "content-type": "text/html; charset=utf-8" };
  return { status: 404, headers, body: request.method === "HEAD" ? "" : String(document) };
}

const languages: Readonly<Record<string, AdminSentences>> = { de, en };

/** The texts in the requested language if these pages have it, otherwise in English. */
function sentencesOf(locale: string | undefined): AdminSentences {
  return languages[pickSentences(locale).tag] ?? en;
}
