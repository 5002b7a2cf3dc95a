import type { Log } from "resetkit/types";

/** Writes one line of JSON per event. */
export interface StructuredLog extends Log {
  /** Logs an event. Fields must not contain a token, a password, an email address, or a path with a token. */
  event(name: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  /** Logs an unexpected error with its stack, but without its message, which may quote input. */
  unforeseen(what: string, error: unknown): void;
}

export function jsonLog(write: (line: string) => void, now: () => Date): StructuredLog {
  const line = (level: string, message: string, fields: object = {}) =>
    write(`${JSON.stringify({ time: now().toISOString(), level, message, ...fields })}\n`);

  return {
    info: (message) => line("info", message),
    warn: (message) => line("warn", message),
    error: (message) => line("error", message),
    event: (name, fields) => line("info", name, fields),
    unforeseen(what, error) {
      const { name, code, stack } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
      const frames = stack?.split("\n").filter((frame) => frame.startsWith("    at "));
      line("error", what, { error: name ?? typeof error, code, stack: frames?.map((frame) => frame.trim()) });
    },
  };
}
