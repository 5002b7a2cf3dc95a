import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { PasswordReset, PlainHandler } from "../types.js";
import { answerNode } from "./node-bridge.js";

/** What is needed of Express's request, 4 or 5. */
export interface ExpressRequest extends IncomingMessage {
  readonly baseUrl: string;
  readonly body?: unknown;
}

/**
 * A middleware for Express 4 and 5: `app.use("/api/password_reset", resetMiddleware(reset))`.
 *
 * Without `basePath` it answers below the path that it is mounted at. It works with and without a body
 * parser before it; with one, the parser's own limits and errors hold for what it reads. Paths that are not
 * its own go on to the next handler.
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
    // Express takes the mount off `url` and puts it here, also after another middleware has rewritten it.
    void answerNode(handler, req, res, { mountedAt: req.baseUrl, body: req.body, next });
  };
}
