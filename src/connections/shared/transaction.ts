import type { Awaitable } from "../../ports.js";

/** How a driver that has no function for it begins and ends a transaction. */
export interface Bracket {
  begin(): Awaitable<unknown>;
  commit(): Awaitable<unknown>;
  rollback(): Awaitable<unknown>;
}

/**
 * Runs `work` between begin and commit. What it throws is thrown on, after a rollback; what the rollback
 * throws is not, since the connection is gone then, and the transaction with it.
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
      // The first error says more.
    }
    throw error;
  }
}
