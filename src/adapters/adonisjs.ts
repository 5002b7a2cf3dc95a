import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { PasswordReset, PlainHandler } from "../types.js";
import { answerNode, relativeTarget } from "./node-bridge.js";
import { mountOf } from "./shared/mount.js";

/** What is needed of AdonisJS's context, version 6. */
export interface AdonisContext {
  readonly request: {
    readonly request: IncomingMessage;
    /** The text of a body, where the body parser has read one that is text. */
    raw(): string | null;
    body(): object;
  };
  readonly response: {
    readonly response: ServerResponse;
    /** Sets what `header()` was called with. */
    relayHeaders(): void;
  };
  readonly route?: { readonly pattern: string } | undefined;
}

/**
 * A handler of routes for AdonisJS 6:
 * `["/api/password_reset", "/api/password_reset/*"].map((path) => router.any(path, resetHandler(reset)))`.
 *
 * It answers below the pattern that it is a route of, with and without the body parser before it. What the
 * parser makes of blanks and of empty fields (`trim`, `null`) does not reach JSON and forms. Callbacks of the
 * options get the context.
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
    // Adonis would answer itself, by nothing, before an answer that waits for the rest of a body.
    if (!request.destroyed && !response.writableFinished) await closed;
  };
}
