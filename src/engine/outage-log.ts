import type { Log } from "../types.js";

/** Consecutive failures with one cause: logged once when they begin, and once when they end. */
export interface OutageLog {
  /** Counts a failure. `lost`: what failed won't be retried. */
  failed(reason: string, lost?: boolean): void;
  /** It works again. */
  over(): void;
}

/** While a mail server is down, every message fails: log one line, not one per attempt. */
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
