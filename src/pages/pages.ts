/**
 * The reset as ready-made web pages. They neither need nor ship JavaScript.
 *
 * @module
 */
import { ResetError } from "../errors.js";
import { fromRequest, toResponse } from "../http/fetch.js";
import type {
  FetchContext,
  Handler,
  HttpRequest,
  HttpResponse,
  PasswordReset,
  ResetContext,
} from "../types.js";
import { isMount } from "./base-url.js";
import { code } from "./code.js";
import { failed, wrongMethod } from "./error-pages.js";
import { ask, sent } from "./forgot-password.js";
import { createSite, type PagesOptions, type Site } from "./options.js";
import { redirect, type Page, type Visit } from "./page.js";
import { choose, done, open } from "./reset-password.js";

export type { PagesOptions } from "./options.js";

/**
 * Makes the pages: request a link, check your inbox, choose a password, done.
 *
 * `htmlPages(reset)` is a fetch handler; adapters mount it like `createHandler`. For other paths, it responds with 404, and
 * `plain` resolves to `null`. Set `baseUrl`, and set the engine's `url` to `{baseUrl}{choose}/{token}`.
 *
 * @throws {TypeError} If an option is unknown or can't work.
 * @example
 * ```ts
 * const pages = htmlPages(reset, { baseUrl: "https://example.com", appName: "Example" });
 * const response = await pages(request);
 * ```
 */
export function htmlPages<U, R = any>(reset: PasswordReset<U>, options: PagesOptions<U, R> = {}): Handler {
  const site = createSite(reset, options);
  const pageAt = routesOf(site);

  const plain: Handler["plain"] = async (request, context = {}, mountedAt = "") => {
    if (!request.path.startsWith(mountedAt) || !isMount(mountedAt)) return null;
    const path = request.path.slice(mountedAt.length);
    const { basePath } = site;
    // A reverse proxy may or may not have removed the path of `baseUrl`.
    const page = pageAt(path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path);
    return page && answer(page, site, { request, context, mountedAt });
  };

  const handler = async (request: Request, context: FetchContext = {}): Promise<Response> => {
    const asked = fromRequest(request, context.peer);
    return toResponse(
      (await plain(asked, context)) ?? (await answer(nothing, site, { request: asked, context })),
    );
  };
  return Object.assign(handler, { plain });
}

const nothing: Page = {
  GET: (visit) => failed(visit, new ResetError("not_found")),
  POST: (visit) => failed(visit, new ResetError("not_found")),
};

/** Finds the page of a path, with or without a trailing slash. */
function routesOf(site: Site): (path: string) => Page | null {
  const { paths } = site;
  const pages = new Map([
    [paths.ask, ask],
    [paths.sent, sent],
    [paths.choose, choose],
    [paths.done, done],
  ]);
  if (site.codes) pages.set(paths.code, code);
  // W3C, A Well-Known URL for Changing Passwords: password managers open this URL.
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

interface Asked {
  readonly request: HttpRequest;
  /** The context from the adapter. */
  readonly context: ResetContext;
  readonly mountedAt?: string;
}

async function answer(page: Page, site: Site, asked: Asked): Promise<HttpResponse> {
  const { request, context: given } = asked;
  const mountedAt = site.basePath || asked.mountedAt || "";
  const hidden = new Set<string>();
  const visitBy = (context: ResetContext): Visit => {
    return { site, request, context, mountedAt, hidden, sentences: site.languages.pick(context.locale) };
  };
  let visit = visitBy(site.visitorOf(request, given, {}));
  try {
    const own = await site.contextOf(request);
    if (own) visit = visitBy(site.visitorOf(request, given, own));
    return await answerMethod(page, visit);
  } catch (error) {
    return failed(visit, error);
  }
}

async function answerMethod(page: Page, visit: Visit): Promise<HttpResponse> {
  switch (visit.request.method) {
    case "GET":
      return page.GET(visit);
    case "HEAD":
      return { ...(await page.GET(visit)), body: "" };
    case "POST":
      if (page.POST) return page.POST(visit);
  }
  return wrongMethod(visit, page.POST ? ["GET", "HEAD", "POST"] : ["GET", "HEAD"]);
}
