import { ResetError } from "../errors.js";

/** Runs slow work a few at a time; past the waiting room it throws `unavailable`. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Bounds how many passwords are hashed at once, so that confirms cannot take the whole machine, and how many
 * wait, so that the last in the row is told at once instead of after a minute.
 */
export function createLimiter({ concurrency, waiting }: { concurrency: number; waiting: number }): Limiter {
  const queue: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= concurrency) {
      if (queue.length >= waiting) throw new ResetError("unavailable", { retryAfter: 1 });
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      // The place goes straight to the next in the row, so that nobody can slip in between.
      const next = queue.shift();
      if (next) next();
      else running--;
    }
  };
}
