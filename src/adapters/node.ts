import type { IncomingMessage, ServerResponse } from "node:http";
import { toHandler, type HandlerOptions } from "../http/handler.js";
import type { PasswordReset, PlainHandler } from "../types.js";
import { answerNode } from "./node-bridge.js";

/**
 * A listener for `http.createServer`, and a middleware for what calls its handlers with `(req, res, next)`.
 *
 * Paths that are not its own go to `next`, and are answered by a 404 where there is none.
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
