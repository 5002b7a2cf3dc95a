import { wasGivenUp } from "../../runtime/given-up.js";
import type { Awaitable } from "../../ports.js";

/** How to begin and end a transaction with a driver that has no function for it. */
export interface Bracket {
  begin(): Awaitable<unknown>;
  commit(): Awaitable<unknown>;
  rollback(): Awaitable<unknown>;
  /** Has the connection closed, so that it gets no further statement. */
  abandon?(): void;
}

/**
 * Runs `work` between begin and commit. If it throws, rolls back and rethrows its error. An error of the rollback is
 * ignored: it means that the connection is gone, and the transaction with it.
 *
 * Work that was given up may go on, and what it sends after a rollback would take effect without the rest, or in another
 * transaction. So its connection is abandoned, which rolls back as well, and doesn't wait for a statement that hangs.
 */
export async function runTransaction<T>(
  { begin, commit, rollback, abandon }: Bracket,
  work: () => Promise<T>,
): Promise<T> {
  await begin();
  try {
    const result = await work();
    await commit();
    return result;
  } catch (error) {
    try {
      if (abandon && wasGivenUp(error)) abandon();
      else await rollback();
    } catch {
      // The first error is the cause.
    }
    throw error;
  }
}
