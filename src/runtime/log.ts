import type { Log, LogFields } from "../ports.js";
import { isProduction } from "./environment.js";

/** The default log: the console, with a prefix on each line. */
export const consoleLog: Log = {
  /* eslint-disable no-console -- this is the one place that writes to it */
  info: (message) => console.info(`[resetkit] ${message}`),
  warn: (message) => console.warn(`[resetkit] ${message}`),
  error: (message) => console.error(`[resetkit] ${message}`),
  /* eslint-enable no-console */
};

/** A log that can't crash the process: what its methods throw is dropped, since there's nowhere else to report it. */
export function guardedLog(log: Log): Required<Log> {
  const guard = (level: keyof Log) => (message: string, fields?: LogFields) => {
    try {
      if (fields) log[level]?.(message, fields);
      else log[level]?.(message);
    } catch {
      // Can't be reported: the log is what reports.
    }
  };
  return { debug: guard("debug"), info: guard("info"), warn: guard("warn"), error: guard("error") };
}

/** For details that a developer wants to see, and the operator of a busy site only when looking for them. */
export function logDetail(log: Log, message: string, fields: LogFields): void {
  if (isProduction() === false) log.info(message, fields);
  else log.debug?.(message, fields);
}

/** An error whose message is already a description: describing it again changes nothing. */
export class DescribedError extends Error {
  override readonly name = "";
}

/**
 * An error in one line that is safe to log: its name, code, and message, without email addresses and without any of the
 * texts in `hidden`. A mail server's rejection names the recipient; a driver's error may quote a value.
 */
export function describeError(error: unknown, hidden: readonly (string | undefined)[] = []): string {
  const { name, code, message } = (error ?? {}) as { name?: unknown; code?: unknown; message?: unknown };
  const kind = [name, code].filter(Boolean).map(String).join(" ");
  let text = error instanceof Error ? `${kind && `${kind}: `}${String(message)}` : typeof error;
  for (const secret of hidden) {
    // As it is, and as JSON writes it.
    for (const one of secret ? [secret, JSON.stringify(secret).slice(1, -1)] : [])
      text = text.replaceAll(one, "[hidden]");
  }
  return text
    .replace(/[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g, "[address]")
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .slice(0, 500);
}
