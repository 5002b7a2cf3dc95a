import { createMutex } from "../runtime/mutex.js";
import type { Store } from "../ports.js";
import { memoryCounters } from "./memory/counters.js";
import { memoryQueue } from "./memory/queue.js";
import { memoryTokens } from "./memory/tokens.js";
import type { Run, Undo } from "./memory/undo-log.js";

/**
 * A store in this process's memory: the reference of the port, for tests, demos and tools.
 *
 * Limits: nothing outlives the process, and no other process sees it. With two processes, each rate limit is twice as
 * high, and a link works in only one of them.
 */
export function memoryStore(): Store {
  const mutex = createMutex();
  const database = {};
  let open: Undo | undefined;

  /** Every method is one synchronous step, so it's atomic. While a transaction is open, it waits. */
  const run: Run = async (step, context) => {
    const undo = context?.transaction as Undo | undefined;
    if (!undo) return mutex.run(() => step([]));
    // A call that comes after the end would be neither committed nor rolled back with the rest.
    if (undo !== open) throw new Error("The transaction of this call has ended.");
    return step(undo);
  };

  return {
    tokens: { ...memoryTokens(run), database },
    counters: memoryCounters(run),
    queue: { ...memoryQueue(run), database },
    ephemeral: true,
    transaction: (work) =>
      mutex.runExclusive(async () => {
        const undo: Undo = (open = []);
        try {
          return await work(undo);
        } catch (error) {
          for (const step of undo.reverse()) step();
          throw error;
        } finally {
          open = undefined;
        }
      }),
  };
}
