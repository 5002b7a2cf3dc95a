import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { PasswordReset, PlainHandler } from "../types.js";
import { answerNode } from "./node-bridge.js";

/** The part of Express's request, 4 or 5, that the adapter uses. */
export interface ExpressRequest extends IncomingMessage {
  readonly baseUrl: string;
  readonly body?: unknown;
}

/**
 * A middleware for Express 4 and 5: `app.use("/api/password_reset", resetMiddleware(reset))`.
 *
 * Without `basePath`, the endpoints are below the path that it's mounted at. It works with and without a body parser before
 * it. A body that a parser reads is subject to the parser's own limits and errors. Requests for other paths go to the next
 * handler.
 *
 * @example
 * ```ts
 * app.use("/api/password_reset", resetMiddleware(reset));
 * ```
 */
export function resetMiddleware(
  resetOrHandler: PasswordReset | PlainHandler,
  options?: HandlerOptions<ExpressRequest>,
): (req: ExpressRequest, res: ServerResponse, next: () => void) => void {
  const handler = toHandler(resetOrHandler, options);
  return (req, res, next) => {
    // Express moves the mount path from `url` to `baseUrl`, even after another middleware has rewritten `url`.
    void answerNode(handler, req, res, { mountedAt: req.baseUrl, body: req.body, next });
  };
}
