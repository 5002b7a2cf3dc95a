import { createMutex } from "../runtime/mutex.js";
import type { Store } from "../ports.js";
import { memoryCounters } from "./memory/counters.js";
import { memoryQueue } from "./memory/queue.js";
import { memoryTokens } from "./memory/tokens.js";
import type { Run, Undo } from "./memory/undo-log.js";

/**
 * A store in this process's memory: the reference of the port, for tests, demos and tools.
 *
 * The limit: nothing outlives the process, and no other process sees it. Behind two processes every
 * throttle counts twice, and a link works in one of them alone.
 */
export function memoryStore(): Store {
  const mutex = createMutex();
  const database = {};
  let open: Undo | undefined;

  /** Every verb is one step without a pause, so it is atomic; beside an open transaction it waits. */
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
