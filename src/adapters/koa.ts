import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { HttpResponse, PasswordReset, PlainHandler } from "../types.js";
import { answerNode } from "./node-bridge.js";

/** What is needed of Koa's context. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: object;
  /** Without what koa-mount has taken off. */
  readonly url: string;
  respond?: boolean | undefined;
  status: number;
  body: unknown;
  append(name: string, value: unknown): void;
  set(name: string, value: unknown): void;
  vary(name: string): void;
}

/**
 * A middleware for Koa: `app.use(resetMiddleware(reset))`, or below a path of your own
 * `app.use(mount("/auth/reset", resetMiddleware(reset)))` with koa-mount.
 *
 * It works with and without a body parser before it; with one, the parser's own limits and errors hold for
 * what it reads. Paths that are not its own go on to the next middleware. Callbacks of the options get the
 * context.
 */
export function resetMiddleware<C extends KoaContext = KoaContext>(
  resetOrHandler: PasswordReset | PlainHandler,
  options?: HandlerOptions<C>,
): (ctx: C, next: () => Promise<unknown>) => Promise<void> {
  const handler = toHandler(resetOrHandler, options);
  return async (ctx, next) => {
    ctx.respond = false;
    await answerNode(handler, ctx.req, ctx.res, {
      mountedAt: (ctx as { mountPath?: string }).mountPath,
      target: ctx.url,
      body: (ctx.request as { body?: unknown }).body,
      raw: ctx,
      send: (response) => sendBy(ctx, response),
      async next() {
        ctx.respond = true;
        await next();
      },
    });
  };
}

/** Leaves the response to Koa, so that middleware before this one sees it, and adds its cookies. */
function sendBy(ctx: KoaContext, { status, headers, body }: HttpResponse): void {
  const { "set-cookie": cookies, vary, ...others } = headers;
  ctx.respond = true;
  ctx.status = status;
  ctx.body = body;
  for (const name in others) ctx.set(name, others[name]);
  if (cookies !== undefined) ctx.append("set-cookie", cookies);
  for (const name of [vary ?? []].flat()) ctx.vary(name);
}
