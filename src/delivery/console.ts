import { assertKnownKeys } from "../check-options.js";
import { maskIdentifier } from "../identity/identifier.js";
import { isProduction } from "../runtime/environment.js";
import { consoleLog } from "../runtime/log.js";
import type { Deliver, Log, Message } from "../types.js";

/**
 * For development: writes links and codes to the terminal, and sends nothing.
 *
 * This is the one place of resetkit where a token goes to a log. Whoever reads that log can take over the
 * accounts in it, so it warns where `NODE_ENV` is `production`.
 */
export function toConsole(options: { readonly log?: Log } = {}): Deliver<any> {
  assertKnownKeys(options, ["log"], "toConsole");
  const { log = consoleLog } = options;
  if (isProduction()) {
    log.warn("toConsole() writes reset links to the log, where they can be used: deliver with byEmail(…).");
  }
  return (message: Message<any>) => log.info(linesOf(message).join("\n"));
}

function linesOf(message: Message<any>): string[] {
  const to = maskIdentifier(message.address);
  if (message.kind === "changed") return [`The password of ${to} was changed.`];
  if (message.kind === "unknown") return [`There is no account for ${to}.`];
  return [
    `A link for ${to}, good until ${message.expiresAt.toISOString()}:`,
    message.url,
    ...(message.code ? [`or the code ${message.code}`] : []),
  ];
}
