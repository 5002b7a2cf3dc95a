import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { PasswordReset, PlainHandler } from "../types.js";
import { answerNode } from "./node-bridge.js";

/**
 * A listener for `http.createServer`, and a middleware for frameworks that call handlers with `(req, res, next)`.
 *
 * Requests for other paths go to `next`. Without `next`, the response is a 404.
 *
 * @example
 * ```ts
 * createServer(nodeListener(reset)).listen(3000);
 * ```
 */
export function nodeListener(
  resetOrHandler: PasswordReset | PlainHandler,
  options?: HandlerOptions<IncomingMessage>,
): (req: IncomingMessage, res: ServerResponse, next?: () => void) => void {
  const handler = toHandler(resetOrHandler, options);
  return (req, res, next) => {
    void answerNode(handler, req, res, { body: (req as { body?: unknown }).body, next });
  };
}
