import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { HttpResponse, PasswordReset, PlainHandler } from "../types.js";
import { answerNode } from "./node-bridge.js";

/** The part of Koa's context that the adapter uses. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: object;
  /** The URL without the path that koa-mount has removed. */
  readonly url: string;
  respond?: boolean | undefined;
  status: number;
  body: unknown;
  append(name: string, value: unknown): void;
  set(name: string, value: unknown): void;
  vary(name: string): void;
}

/**
 * A middleware for Koa: `app.use(resetMiddleware(reset))`. To choose the path, use koa-mount:
 * `app.use(mount("/auth/reset", resetMiddleware(reset)))`.
 *
 * It works with and without a body parser before it. A body that a parser reads is subject to the parser's own limits and
 * errors. Requests for other paths go to the next middleware. Callbacks in the options receive Koa's context.
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

/** Leaves sending to Koa, so that earlier middleware sees the response. Appends cookies instead of replacing them. */
function sendBy(ctx: KoaContext, { status, headers, body }: HttpResponse): void {
  const { "set-cookie": cookies, vary, ...others } = headers;
  ctx.respond = true;
  ctx.status = status;
  ctx.body = body;
  for (const name in others) ctx.set(name, others[name]);
  if (cookies !== undefined) ctx.append("set-cookie", cookies);
  for (const name of [vary ?? []].flat()) ctx.vary(name);
}
