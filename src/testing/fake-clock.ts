import { milliseconds } from "../duration.js";
import type { Duration } from "../types.js";

/** A clock that stands still unless it's advanced. */
export interface FakeClock {
  /** Pass it to `passwordReset` as `clock`. */
  readonly now: () => number;
  /** Moves the clock forward, for example by `"25h"`. */
  advance(by: Duration): void;
}

/**
 * A clock for tests: links expire and rate limits end when the test advances it. Timers still run in real time, so a worker
 * keeps polling its queue.
 *
 * @example
 * const clock = fakeClock();
 * const reset = passwordReset({ users, store, secret, url, deliver, clock: clock.now });
 * clock.advance("25h");
 */
export function fakeClock(start: Date | number = new Date()): FakeClock {
  let now = Number(start);
  return {
    now: () => now,
    advance(by) {
      now += milliseconds(by, "advance()");
    },
  };
}
