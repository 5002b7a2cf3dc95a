import type { Log } from "../types.js";

/** Failures that follow one another for one cause: said once when they begin, and once when they are over. */
export interface OutageLog {
  /** Counts a failure. `lost`: what failed will not be tried again. */
  failed(reason: string, lost?: boolean): void;
  /** It works again. */
  over(): void;
}

/** A dead mail server fails every message that waits for it: one line says so, not one for every try. */
export function createOutageLog(
  log: Log,
  words: { readonly begins: string; readonly ends: string },
): OutageLog {
  let failures = 0;
  let given = 0;
  return {
    failed(reason, lost = false) {
      if (failures++ === 0) log.error(`${words.begins}: ${reason}`);
      if (lost) given++;
    },
    over() {
      if (failures === 0) return;
      log.info(`${words.ends}, after ${failures} failed attempts; ${given} were dropped.`);
      failures = given = 0;
    },
  };
}
