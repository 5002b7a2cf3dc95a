import { keyedName } from "../crypto/keyed-name.js";
import { networkOf } from "../identity/ip.js";
import { withTimeout } from "../runtime/timeout.js";
import type { AlarmKind, CounterStore, Keyring, RequestQueue } from "../types.js";
import { throttledFor } from "./throttle.js";

/** How often the queue is counted, in milliseconds. */
const countedEvery = 1_000;
/**
 * An older count says nothing about what's waiting now, so a request that it would reject waits for a new one.
 * Milliseconds.
 */
const stale = 10_000;
/** Counting takes at most 1/20 of the time, unless the count would become stale. */
const seldom = 20;
/** Above this fraction of `worker.maxWaiting`, networks are limited. */
const crowdedFrom = 0.01;
/** How many requests a network may add per minute while the queue is crowded. */
const perNetwork = 30;
const minute = 60_000;

/** Bounds the queue. Rejects with `throttled` if a request must not be added. */
export type Backlog = (ip: string | undefined) => Promise<void>;

/**
 * A queue that fills faster than workers empty it would grow without bound, and a user's email would wait behind a
 * flood. No account is looked up, so known and unknown identifiers are rejected alike. While the queue is short, this
 * costs nothing.
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
  /** Why the last count failed, if it did. */
  let failure: { readonly error: unknown } | undefined;
  let nextAt = -Infinity;

  /** Counts in the background, and less often if counting is slow. */
  async function count(): Promise<void> {
    const startedAt = performance.now();
    try {
      ({ waiting } = await withTimeout(stale, "queue.stats", () => queue.stats(clock())));
      countedAt = clock();
      failure = undefined;
    } catch (error) {
      // One that never ends must not keep requests waiting for it, nor the next count.
      failure = { error };
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
    // Otherwise, the first request after a flood would be rejected, however long ago the queue was emptied.
    if (now - countedAt > stale) {
      await counting;
      // Without a new count, the request isn't rejected for a queue that may be empty: it ends as in any other outage.
      if (failure) throw failure.error;
    }
    if (isQuiet()) return;
    if (waiting >= maxWaiting) {
      alarm(
        "queue_full",
        `${waiting} requests are waiting for the worker, so new ones are rejected until it has caught up. Run more workers, or raise worker.maxWaiting (${maxWaiting})`,
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
