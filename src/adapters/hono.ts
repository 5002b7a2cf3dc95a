import type { IncomingMessage } from "node:http";
import { fromRequest } from "../http/fetch.js";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import { ResetError } from "../errors.js";
import type {
  BodyLimits,
  HttpBody,
  HttpRequest,
  HttpResponse,
  PasswordReset,
  PlainHandler,
  ResetContext,
} from "../types.js";
import { mountOf } from "./shared/mount.js";
import { isGone, readArrived } from "./node-bridge.js";

/** What is needed of Hono's context. */
export interface HonoContext {
  readonly req: HonoRequest;
  readonly env: any;
  header(name: string, value: string, options: { readonly append: true }): void;
  body(text: string | null, status: unknown, headers: unknown): Response;
}

export interface HonoRequest {
  readonly raw: Request;
  readonly path: string;
  readonly routePath: string;
  readonly bodyCache: object;
  arrayBuffer(): Promise<ArrayBuffer>;
  parseBody(): Promise<unknown>;
}

/**
 * A handler for Hono on any runtime: `app.all("/api/password_reset/*", resetHandler(reset))`.
 *
 * It answers below the pattern that it is mounted at, knows the client's IP address on Node, Bun, and Deno
 * (elsewhere, as on Workers, set `ipHeader` and `trustProxy`), and keeps a Worker alive for
 * `worker: "waitUntil"`. A body that a middleware has read through `c.req` is read again from there. Paths
 * that are not its own go on to the next handler. Callbacks of the options get the context.
 * @example
 * ```ts
 * app.all("/api/password_reset/*", resetHandler(reset));
 * ```
 */
export function resetHandler<C extends HonoContext = HonoContext>(
  resetOrHandler: PasswordReset | PlainHandler,
  options?: HandlerOptions<C>,
): (c: C, next: () => Promise<void>) => Promise<Response | void> {
  const handler = toHandler(resetOrHandler, options);
  return async (c, next) => {
    const { incoming } = (c.env ?? {}) as NodeEnv;
    // The client has disconnected, so no one reads the response.
    if (incoming && isGone(incoming)) return c.body(null, 400, {});
    const mountedAt = mountOf(c.req.routePath, c.req.path);
    const response = await handler.plain(toHttpRequest(c), { waitUntil: waitUntilOf(c) }, mountedAt);
    if (!response) return next();
    // Not our own Response, which would lose what middlewares have set by c.header().
    return c.body(response.body || null, response.status, addLists(c, response.headers));
  };
}

/** Adds to the cookies and `Vary` that earlier middleware has set by `c.header()`; as plain headers ours would replace them. */
function addLists(c: HonoContext, headers: HttpResponse["headers"]): HttpResponse["headers"] {
  const { "set-cookie": cookies = [], vary = [], ...others } = headers;
  for (const cookie of [cookies].flat()) c.header("set-cookie", cookie, { append: true });
  for (const name of [vary].flat()) c.header("vary", name, { append: true });
  return others;
}

interface NodeEnv {
  readonly incoming?: IncomingMessage;
}

function toHttpRequest(c: HonoContext): HttpRequest {
  const request = fromRequest(c.req.raw, addressOf(c));
  const { body } = request;
  // Set, and not spread into another: that takes as long as all the rest of this.
  return Object.assign(request, {
    body(limits: BodyLimits) {
      if (isCached(c.req)) return readCached(c.req, limits);
      const message = messageOf(c);
      return message ? readArrived(message, limits) : body(limits);
    },
    raw: c,
  });
}

/** Who holds the connection, as the servers of Node, Deno and Bun say it. */
function addressOf({ env, req }: HonoContext): string | undefined {
  if (env?.incoming) return env.incoming.socket.remoteAddress;
  if (env?.remoteAddr) return env.remoteAddr.hostname;
  const server = env?.server ?? env;
  return typeof server?.requestIP === "function" ? server.requestIP(req.raw)?.address : undefined;
}

function waitUntilOf(c: HonoContext): ResetContext["waitUntil"] {
  // Node has none, and asking for it there costs an error, with its stack, for every request.
  if (c.env?.incoming) return undefined;
  try {
    const { executionCtx } = c as { executionCtx?: { waitUntil(work: Promise<unknown>): void } };
    return executionCtx && ((work) => executionCtx.waitUntil(work));
  } catch {
    // Hono throws where the runtime has none.
    return undefined;
  }
}

/**
 * Node's own request, if nothing else reads its body: on Node, a web stream costs
 * more than the rest of the request. A middleware may have put another request in the place of the
 * server's own, such as one that unpacks a body. The own one keeps Node's message in itself, and where it has been
 * asked for more than headers, a `Request` too, which may be reading.
 */
function messageOf({ env, req: { raw } }: HonoContext): IncomingMessage | undefined {
  const { incoming } = (env ?? {}) as NodeEnv;
  if (incoming?.httpVersionMajor !== 1 || incoming.readableDidRead) return undefined;
  const kept = Object.getOwnPropertySymbols(raw).map(
    (key) => (raw as unknown as Record<symbol, unknown>)[key],
  );
  return kept.includes(incoming) && !kept.some((value) => value instanceof Request) ? incoming : undefined;
}

function isCached({ raw, bodyCache }: HonoRequest): boolean {
  return Object.keys(bodyCache).length > 0 && raw.bodyUsed;
}

async function readCached(req: HonoRequest, { maxBytes }: BodyLimits): Promise<HttpBody> {
  // Hono would write a form anew, with another boundary than its header says.
  if ("parsedBody" in req.bodyCache || "formData" in req.bodyCache) {
    return { kind: "parsed", value: await req.parseBody().catch(() => undefined) };
  }
  const bytes = new Uint8Array(await req.arrayBuffer());
  if (bytes.length > maxBytes) throw new ResetError("body_too_large");
  return { kind: "bytes", bytes };
}
