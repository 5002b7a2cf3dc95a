import { assertKnownKeys } from "../check-options.js";
import { maskIdentifier } from "../identity/identifier.js";
import { isProduction } from "../runtime/environment.js";
import { consoleLog } from "../runtime/log.js";
import type { Deliver, Finding, Log, Message } from "../types.js";

/**
 * Writes reset links and codes to the terminal instead of sending them. For development.
 *
 * This is the only part of resetkit that writes a token to a log. Anyone who can read the log can take over the accounts
 * in it, so a warning is logged if `NODE_ENV` is `production`.
 */
export function toConsole(options: { readonly log?: Log } = {}): Deliver<any> {
  assertKnownKeys(options, ["log"], "toConsole");
  const { log = consoleLog } = options;
  if (isProduction()) {
    log.warn(`${inProduction.what} ${inProduction.fix}`);
  }
  const deliver = (message: Message<unknown>) => log.info(linesOf(message).join("\n"));
  const check = () => (isProduction() ? [inProduction] : []);
  return Object.assign(deliver, { check, dryRun: linesOf });
}

const inProduction: Finding = {
  level: "error",
  what: "toConsole() writes reset links to the log, and anyone who reads it can use them.",
  fix: "In production, send emails with byEmail(…).",
};

function linesOf(message: Message<unknown>): string[] {
  const to = maskIdentifier(message.address);
  if (message.kind === "changed") return [`Password changed for ${to}.`];
  if (message.kind === "unknown") return [`No account matches ${to}, so there is no reset link.`];
  if (message.kind === "ineligible")
    return [`The password of ${to} can't be reset, so there is no reset link.`];
  return [
    `Reset link for ${to} (expires ${minuteOf(message.expiresAt)}):`,
    message.url,
    ...(message.code
      ? [`Or this code (expires ${minuteOf(message.codeExpiresAt ?? message.expiresAt)}):`, message.code]
      : []),
  ];
}

/** "2026-11-29 20:22 UTC". */
function minuteOf(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
