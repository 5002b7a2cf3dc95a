import type { CounterStore, RequestQueue, TokenStore } from "../types.js";

type Remove = (limit: number) => Promise<number>;

/**
 * Milliseconds. SQLite's drivers are synchronous: a batch blocks this process, and holds the database's only write
 * lock. Other writers try the lock again after 1 and 3 ms, so with a batch of 1 ms and a pause of 2 ms, each of them
 * gets in by the second try.
 */
const longestStop = 1;
const pauseBetween = 2;
/** How long a batch on a database server may take. Its readers and writers don't wait for it. Milliseconds. */
const longestBatch = 10;
/** Smallest batches. A remote server handles 100 rows easily, so network latency must not shrink batches further. */
const fewest = { stopping: 10, remote: 100 };
const most = 1_000;

/** What there is to delete: expired tokens, closed windows, and requests that no worker took in time. */
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

/** The result of a cleanup. `isDone` is false if it was stopped before everything was removed. */
export interface Cleaned {
  readonly removed: number;
  readonly isDone: boolean;
}

/**
 * Removes rows in batches that are sized by how long they take, with pauses between them. One statement over a million
 * rows stalls SQLite's writers for seconds; batches of a hundred rows for milliseconds.
 */
export async function removeInBatches(
  removers: readonly Remove[],
  onProgress: (removed: number) => void,
  isStopped: () => boolean,
): Promise<Cleaned> {
  let removed = 0;
  for (const remove of removers) {
    let limit = fewest.stopping;
    for (;;) {
      if (isStopped()) return { removed, isDone: false };
      const startedAt = performance.now();
      const removing = remove(limit);
      const stopped = performance.now() - startedAt;
      const count = await removing;
      const took = performance.now() - startedAt;
      removed += count;
      onProgress(removed);
      if (count < limit) break;
      limit = nextLimit(limit, stopped, took);
      await new Promise((resolve) => setTimeout(resolve, pauseBetween));
    }
  }
  return { removed, isDone: true };
}

/** How long the worker removes rows of one table at a time. Milliseconds. */
const longestTidy = 50;

/**
 * Removes what a worker can between two polls. Returns whether nothing is left. After a flood there are hundreds of
 * thousands of rows, which must neither keep emails waiting nor stay.
 */
export async function tidyUp(removers: readonly Remove[]): Promise<boolean> {
  let isDone = true;
  for (const remove of removers) {
    const until = performance.now() + longestTidy;
    const cleaned = await removeInBatches(
      [remove],
      () => {},
      () => performance.now() > until,
    );
    isDone &&= cleaned.isDone;
  }
  return isDone;
}

/** A batch that took too long is followed by a smaller one. Otherwise batches grow, up to the limit. */
function nextLimit(limit: number, stopped: number, took: number): number {
  const share = Math.max(stopped / longestStop, took / longestBatch);
  const least = stopped > took / 2 ? fewest.stopping : fewest.remote;
  return Math.round(Math.min(most, Math.max(least, share > 1 ? limit / 2 : limit * 1.2)));
}
