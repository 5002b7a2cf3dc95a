import { ResetError } from "../errors.js";

/** Runs slow work a few at a time. Throws `unavailable` if too many are waiting, or if the wait is too long. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

/** How long to wait for a place, in milliseconds: well below a token's lease. */
const longestWait = 20_000;

/**
 * Bounds how many passwords are hashed at once, so that confirms can't take the whole machine, and how many wait, so
 * that the last in line gets an error immediately instead of after a minute.
 */
export function createLimiter({ concurrency, waiting }: { concurrency: number; waiting: number }): Limiter {
  const line: (() => void)[] = [];
  let running = 0;

  function place(): Promise<void> {
    return new Promise((resolve, reject) => {
      const take = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        line.splice(line.indexOf(take), 1);
        reject(busy());
      }, longestWait);
      line.push(take);
    });
  }

  return async (work) => {
    if (running < concurrency) running++;
    else if (line.length < waiting) await place();
    else throw busy();
    try {
      return await work();
    } finally {
      // The place goes straight to the next in line, so that no newcomer can take it first.
      const next = line.shift();
      if (next) next();
      else running--;
    }
  };
}

function busy(): ResetError {
  return new ResetError("unavailable", { retryAfter: 1 });
}
