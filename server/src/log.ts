import type { Log } from "resetkit/types";

/** Writes one line of JSON per event. */
export interface StructuredLog extends Log {
  /** Fields never hold tokens, passwords, addresses or paths with a token in them. */
  event(name: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  /** Something unforeseen: what it was and where, without its message, which may quote what was read. */
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
