import { notFound } from "../http/answers.js";
import { fromRequest, toResponse } from "../http/fetch.js";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { Awaitable, PasswordReset, PlainHandler } from "../types.js";

/** The second argument that Next.js calls a route handler with. */
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
 * Pass a function that returns the engine to create it with the first request. `next build` runs every route file, usually
 * without secrets or a database.
 *
 * The endpoints are below the folder of the catch-all segment, wherever that is.
 *
 * Next.js doesn't provide the peer address. Without a reverse proxy and `trustProxy`, clients have no IP address, and rate
 * limits by IP address count no one.
 */
export function resetHandler<R extends Request = Request>(
  given: Mounted | (() => Awaitable<Mounted>),
  options?: HandlerOptions<R>,
): NextHandlers {
  const handlerOf = isMounted(given) ? always(toHandler(given, options)) : onceItWorks(given, options);
  const answer: NextHandler = async (request, route) => {
    const handler = await handlerOf();
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

type Mounted = PasswordReset | PlainHandler;

function isMounted(given: Mounted | (() => Awaitable<Mounted>)): given is Mounted {
  return typeof given !== "function" || "plain" in given;
}

const always =
  <T>(value: T) =>
  () =>
    value;

/** Creates the handler once. If that fails, the next request tries again. */
function onceItWorks<R>(make: () => Awaitable<Mounted>, options?: HandlerOptions<R>) {
  let made: Promise<PlainHandler> | undefined;
  return () =>
    (made ??= (async () => toHandler(await make(), options))().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}

/** The path without the segments that the catch-all parameter matched. */
async function folderOf(path: string, route: NextRoute | undefined): Promise<string> {
  const params = (await route?.params) ?? {};
  const caught = Object.values(params).find(Array.isArray) ?? [];
  const segments = path.replace(/\/$/, "").split("/");
  return segments.slice(0, segments.length - caught.length).join("/");
}
