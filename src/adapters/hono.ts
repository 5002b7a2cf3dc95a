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

/** The part of Hono's context that the adapter uses. */
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
 * The endpoints are below the pattern that it's mounted at. It detects the client's IP address on Node, Bun, and Deno;
 * elsewhere, such as on Workers, set `ipHeader` and `trustProxy`. It keeps a Worker alive for `worker: "waitUntil"`. A body
 * that middleware has already read through `c.req` is read again from there. Requests for other paths go to the next
 * handler. Callbacks in the options receive Hono's context.
 *
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
    // Don't return a new Response: it would lose the headers that middleware has set with c.header().
    return c.body(response.body || null, response.status, addLists(c, response.headers));
  };
}

/** Appends to the cookies and `Vary` that earlier middleware has set with `c.header()`. Plain headers would replace them. */
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
  // Assign, don't spread: copying the object takes as long as the rest of this function.
  return Object.assign(request, {
    body(limits: BodyLimits) {
      if (isCached(c.req)) return readCached(c.req, limits);
      const message = messageOf(c);
      return message ? readArrived(message, limits) : body(limits);
    },
    raw: c,
  });
}

/** The peer address, as the servers of Node, Deno, and Bun report it. */
function addressOf({ env, req }: HonoContext): string | undefined {
  if (env?.incoming) return env.incoming.socket.remoteAddress;
  if (env?.remoteAddr) return env.remoteAddr.hostname;
  const server = env?.server ?? env;
  return typeof server?.requestIP === "function" ? server.requestIP(req.raw)?.address : undefined;
}

function waitUntilOf(c: HonoContext): ResetContext["waitUntil"] {
  // Node has no execution context, and reading it there would create an error with a stack trace on every request.
  if (c.env?.incoming) return undefined;
  try {
    const { executionCtx } = c as { executionCtx?: { waitUntil(work: Promise<unknown>): void } };
    return executionCtx && ((work) => executionCtx.waitUntil(work));
  } catch {
    // Hono throws if the runtime has no execution context.
    return undefined;
  }
}

/**
 * Node's own request, if nothing else reads its body: on Node, a web stream costs more than the rest of the request.
 * Middleware may have replaced the server's request, for example to decompress a body. The server's own request holds
 * Node's message in a symbol property. If more than its headers was read, it also holds a `Request`, which may be reading
 * the body.
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
  // Hono would encode a form again, with a boundary that doesn't match its header.
  if ("parsedBody" in req.bodyCache || "formData" in req.bodyCache) {
    return { kind: "parsed", value: await req.parseBody().catch(() => undefined) };
  }
  const bytes = new Uint8Array(await req.arrayBuffer());
  if (bytes.length > maxBytes) throw new ResetError("body_too_large");
  return { kind: "bytes", bytes };
}
