import type { Awaitable } from "../../ports.js";

/** How to begin and end a transaction with a driver that has no function for it. */
export interface Bracket {
  begin(): Awaitable<unknown>;
  commit(): Awaitable<unknown>;
  rollback(): Awaitable<unknown>;
}

/**
 * Runs `work` between begin and commit. If it throws, rolls back and rethrows its error. An error of the rollback is
 * ignored: it means that the connection is gone, and the transaction with it.
 */
export async function runTransaction<T>(
  { begin, commit, rollback }: Bracket,
  work: () => Promise<T>,
): Promise<T> {
  await begin();
  try {
    const result = await work();
    await commit();
    return result;
  } catch (error) {
    try {
      await rollback();
    } catch {
      // The first error is the cause.
    }
    throw error;
  }
}
