/**
 * The reset as web pages, for sites that want to write none: they need no JavaScript, and ship none.
 *
 * @module
 */
import { pickSentences } from "../locales/pick.js";
import type { Handler, HttpRequest, HttpResponse, PasswordReset, ResetContext } from "../types.js";
import { ask, sent } from "./ask.js";
import { choose, done, open } from "./choose.js";
import { code } from "./code.js";
import { createSite, type PagesOptions, type Site } from "./site.js";
import { failed, wrongMethod } from "./trouble.js";
import { redirect, type Page, type Visit } from "./visit.js";

export type { PagesOptions } from "./site.js";

/**
 * Makes the pages: ask for a link, look into the inbox, choose a password, done.
 *
 * `htmlPages(reset)` is a fetch handler; adapters mount it like `createHandler`. Paths that are not its own
 * get a 404, or `null` from `plain`. Set `baseUrl`, and set the engine's `url` to `{baseUrl}{choose}/{token}`.
 *
 * Throws a `TypeError` for options that cannot work.
 */
export function htmlPages<U>(reset: PasswordReset<U>, options: PagesOptions<U> = {}): Handler {
  const site = createSite(reset, options);
  const pageAt = routesOf(site);

  const plain = async (request: HttpRequest, context: ResetContext = {}, mountedAt = "") => {
    if (!request.path.startsWith(mountedAt)) return null;
    const page = pageAt(request.path.slice(mountedAt.length));
    return page && answer(page, visitOf(request, context, mountedAt));
  };

  function visitOf(request: HttpRequest, known: ResetContext, mountedAt: string): Visit<U> {
    const context = { ...known, ...site.visitorOf(request, known) };
    return { site, request, context, sentences: pickSentences(context.locale), mountedAt };
  }

  return Object.assign(handle, { plain });
}

/** Which page a path is; with and without a slash at its end. */
function routesOf(site: Site): (path: string) => Page | null {
  const { paths } = site;
  const pages = new Map([
    [paths.ask, ask],
    [paths.sent, sent],
    [paths.choose, choose],
    [paths.done, done],
  ]);
  if (site.codes) pages.set(paths.code, code);
  // W3C, A Well-Known URL for Changing Passwords: password managers send people there.
  if (site.wellKnown) {
    pages.set("/.well-known/change-password", { GET: (visit) => redirect(visit, paths.ask) });
  }
  const links = `${paths.choose}/`;

  return (path) => {
    const plain = path.replace(/\/$/, "");
    const page = pages.get(plain);
    if (page || !plain.startsWith(links)) return page ?? null;
    return { GET: (visit) => open(visit, plain.slice(links.length)) };
  };
}

async function answer(page: Page, visit: Visit): Promise<HttpResponse> {
  const { method } = visit.request;
  const run = method === "HEAD" ? page.GET : method === "GET" || method === "POST" ? page[method] : undefined;
  if (!run) return wrongMethod(visit, page.POST ? ["GET", "HEAD", "POST"] : ["GET", "HEAD"]);
  try {
    const given = await visit.site.contextOf(visit.request);
    const answer = await run({ ...visit, context: { ...visit.context, ...given } });
    return method === "HEAD" ? { ...answer, body: "" } : answer;
  } catch (error) {
    return failed(visit, error);
  }
}
