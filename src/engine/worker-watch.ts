import type { Log, RequestQueue } from "../types.js";

/** How old the oldest entry may be before a worker counts as missing, and how often that's checked. Milliseconds. */
const patience = 60_000;
const silence = 10 * 60_000;

/**
 * Detects, in a process that only takes requests, that no worker carries them out. Called after a request is queued. It
 * checks now and then, delays no request, and never fails.
 */
export function createWorkerWatch(parts: {
  readonly queue: RequestQueue;
  readonly clock: () => number;
  readonly log: Log;
}): () => Promise<void> {
  const { queue, clock, log } = parts;
  let lookedAt = -Infinity;
  let quietUntil = -Infinity;

  return async () => {
    const now = clock();
    if (now - lookedAt < patience || now < quietUntil) return;
    lookedAt = now;
    // A queue of another version may not have `stats`, and an outage is reported by the request itself.
    const { waiting, oldestAt } = (await queue.stats?.(now).catch(() => undefined)) ?? {};
    if (!waiting || oldestAt === undefined || now - oldestAt < patience) return;
    quietUntil = now + silence;
    const since = new Date(oldestAt).toISOString().slice(0, 16).replace("T", " ");
    log.warn(
      `${waiting} queued ${waiting === 1 ? "request waits" : "requests wait"} since ${since} UTC, because no worker takes ${waiting === 1 ? "it" : "them"}. Run one: npx resetkit work`,
      { waiting, oldestAt },
    );
  };
}
