import type { CounterStore, RequestQueue, TokenStore } from "../types.js";

type Remove = (limit: number) => Promise<number>;

/** A batch takes about this long, in milliseconds, so that no writer of the database waits for longer. */
const target = 10;
const pauseBetween = 2;

/** What can be removed at a time: expired tokens, closed windows, and intents that nobody could do in time. */
export function removersOf(
  parts: {
    readonly tokens: TokenStore | undefined;
    readonly counters: CounterStore;
    readonly queue: RequestQueue;
  },
  now: () => number,
  deadline: number,
  onStale: (count: number) => Promise<void>,
): readonly Remove[] {
  const { tokens, counters, queue } = parts;
  return [
    async (limit) => (await tokens?.removeExpired(now(), limit)) ?? 0,
    (limit) => counters.removeExpired(now(), limit),
    async (limit) => {
      const count = await queue.removeExpired(now() - 2 * deadline, limit);
      if (count > 0) await onStale(count);
      return count;
    },
  ];
}

/**
 * Removes in batches that are sized by the time that they take, with pauses in between. One statement over a
 * million rows stalls SQLite's writers for seconds; batches of a hundred rows for milliseconds.
 */
export async function removeInBatches(
  removers: readonly Remove[],
  onProgress: (removed: number) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  let removed = 0;
  for (const remove of removers) {
    let limit = 100;
    while (!signal?.aborted) {
      const startedAt = performance.now();
      const count = await remove(limit);
      const took = performance.now() - startedAt;
      removed += count;
      onProgress(removed);
      if (count < limit) break;
      limit = Math.round(Math.min(1_000, Math.max(10, took > target ? limit / 2 : limit * 1.2)));
      await new Promise((resolve) => setTimeout(resolve, pauseBetween));
    }
  }
  return removed;
}
