import { notFound } from "../http/answers.js";
import { fromRequest, toResponse } from "../http/fetch.js";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { PasswordReset, PlainHandler } from "../types.js";

/** What Next.js calls a route handler with. */
export interface NextRoute {
  readonly params?: PromiseLike<unknown> | object;
}

export type NextHandler = (request: Request, route?: NextRoute) => Promise<Response>;

export type NextHandlers = Readonly<
  Record<"GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS", NextHandler>
>;

/**
 * Route handlers for the App Router of Next.js, in `app/api/password_reset/[[...path]]/route.ts`:
 * `export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = resetHandler(reset)`.
 *
 * It answers below the folder of the catch-all segment, wherever that is. Next.js does not say who holds the
 * connection: without `trustProxy` (and a proxy) no visitor has an address, and throttles by IP count nobody.
 */
export function resetHandler<R extends Request = Request>(
  resetOrHandler: PasswordReset | PlainHandler,
  options?: HandlerOptions<R>,
): NextHandlers {
  const handler = toHandler(resetOrHandler, options);
  const answer: NextHandler = async (request, route) => {
    const plain = fromRequest(request);
    const mountedAt = await folderOf(plain.path, route);
    return toResponse((await handler.plain(plain, undefined, mountedAt)) ?? notFound);
  };
  return {
    GET: answer,
    HEAD: answer,
    POST: answer,
    PUT: answer,
    PATCH: answer,
    DELETE: answer,
    OPTIONS: answer,
  };
}

/** The path without the segments that the catch-all parameter stands for. */
async function folderOf(path: string, route: NextRoute | undefined): Promise<string> {
  const params = (await route?.params) ?? {};
  const caught = Object.values(params).find(Array.isArray) ?? [];
  const segments = path.replace(/\/$/, "").split("/");
  return segments.slice(0, segments.length - caught.length).join("/");
}
