import { keyedName } from "../crypto/keyed-name.js";
import { networkOf } from "../identity/ip.js";
import type { AlarmKind, CounterStore, Keyring, RequestQueue } from "../types.js";
import { throttledFor } from "./throttle.js";

/** How often the queue is counted, in milliseconds. */
const countedEvery = 1_000;
/** A count that is older says nothing of what waits now, so a request that it would refuse waits for a new one. Milliseconds. */
const stale = 10_000;
/** Counting takes at most one part in so many of the time, unless it would then be stale. */
const seldom = 20;
/** From this part of `worker.maxWaiting` on, networks are limited. */
const crowdedFrom = 0.01;
/** Requests that a network may add in a minute while the queue is crowded. */
const perNetwork = 30;
const minute = 60_000;

/** Bounds the queue. Rejects with `throttled` if a request must not be added. */
export type Backlog = (ip: string | undefined) => Promise<void>;

/**
 * A queue that no worker empties as fast as it fills would grow without a bound, and an owner's email would wait behind
 * a flood. Nothing is looked up, so known and unknown identifiers are refused alike; while little waits it costs nothing.
 */
export function createBacklog(parts: {
  readonly queue: RequestQueue;
  readonly keys: Keyring;
  readonly counters: CounterStore;
  readonly clock: () => number;
  readonly maxWaiting: number;
  readonly alarm: (what: AlarmKind, reason: string) => void;
}): Backlog {
  const { queue, keys, counters, clock, maxWaiting, alarm } = parts;
  let waiting = 0;
  let counting: Promise<void> | undefined;
  let countedAt = -Infinity;
  let nextAt = -Infinity;

  /**
   * Counts in the background: a queue that is slow to count is counted seldom. An outage is reported by the request itself.
   */
  async function count(): Promise<void> {
    const startedAt = performance.now();
    try {
      ({ waiting } = await queue.stats(clock()));
      countedAt = clock();
    } catch {
      // As it was counted before.
    }
    const rest = seldom * (performance.now() - startedAt);
    nextAt = clock() + Math.min(Math.max(countedEvery, rest), stale);
    counting = undefined;
  }

  const isQuiet = () => waiting < crowdedFrom * maxWaiting;

  return async (ip) => {
    const now = clock();
    // Also if the clock was set back.
    if (now >= nextAt || nextAt - now > minute) counting ??= count();
    if (isQuiet()) return;
    // Otherwise the first request after a flood would be refused, however long ago the queue was emptied.
    if (now - countedAt > stale) await counting;
    if (isQuiet()) return;
    if (waiting >= maxWaiting) {
      alarm(
        "queue_full",
        `${waiting} requests wait for the worker, so new ones are refused until it has caught up. Run more workers, or raise worker.maxWaiting (${maxWaiting})`,
      );
      throw throttledFor(60);
    }
    const network = ip && aroundOf(ip);
    if (!network) return;
    const key = await keyedName(keys, "queue/network", [network]);
    const window = await counters.hit(key, { per: minute, by: 1, now });
    if (window.count <= perNetwork) return;
    throw throttledFor((window.resetAt - now) / 1_000);
  };
}

/** The /24 around an IPv4 address, or the /48 around an IPv6 address: what one customer may get (RFC 6177). */
function aroundOf(ip: string): string {
  const network = networkOf(ip, 3);
  return network.includes(":") ? network : network.split(".").slice(0, 3).join(".");
}
