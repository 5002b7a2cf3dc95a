import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { PasswordReset, PlainHandler } from "../types.js";
import { answerNode, relativeTarget } from "./node-bridge.js";
import { mountOf } from "./shared/mount.js";

/** The part of AdonisJS 6's context that the adapter uses. */
export interface AdonisContext {
  readonly request: {
    readonly request: IncomingMessage;
    /** The body as text, if the body parser has read a text body. */
    raw(): string | null;
    body(): object;
  };
  readonly response: {
    readonly response: ServerResponse;
    /** Sends the headers that `header()` has collected to Node's response. */
    relayHeaders(): void;
  };
  readonly route?: { readonly pattern: string } | undefined;
}

/**
 * A route handler for AdonisJS 6:
 * `["/api/password_reset", "/api/password_reset/*"].map((path) => router.any(path, resetHandler(reset)))`.
 *
 * The endpoints are below the route's pattern. It works with and without the body parser before it. The parser's changes
 * to spaces and empty fields (`trim`, `null`) don't affect JSON and forms. Callbacks in the options receive AdonisJS's
 * context.
 */
export function resetHandler<C extends AdonisContext = AdonisContext>(
  resetOrHandler: PasswordReset | PlainHandler,
  options?: HandlerOptions<C>,
): (ctx: C) => Promise<void> {
  const handler = toHandler(resetOrHandler, options);
  return async (ctx) => {
    const { request } = ctx.request;
    const { response } = ctx.response;
    const target = relativeTarget(request.url ?? "/");
    const mountedAt = mountOf(ctx.route?.pattern ?? "", target);
    const closed = new Promise<void>((resolve) => void response.once("close", resolve));
    ctx.response.relayHeaders();
    await answerNode(handler, request, response, {
      mountedAt,
      target: target.slice(mountedAt.length),
      body: ctx.request.raw() ?? ctx.request.body(),
      raw: ctx,
    });
    // If this returned earlier, Adonis would send an empty response before one that waits for the rest of a body.
    if (!request.destroyed && !response.writableFinished) await closed;
  };
}
