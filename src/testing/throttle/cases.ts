/**
 * What a throttle guarantees: it allows a number of attempts per client and window, and refunds successes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Attempt, Throttle } from "../../types.js";

/** The limit that a case needs: `max` attempts per IP address in a window of `per` milliseconds. */
export interface ThrottleLimit {
  readonly max: number;
  readonly per: number;
}

/** One guarantee of the port, and a test for it. */
export interface ThrottleCase {
  readonly name: string;
  readonly limit: ThrottleLimit;
  /** Rejects if the guarantee is broken. The throttle must not have counted anything yet. */
  run(throttle: Throttle, limit: ThrottleLimit): Promise<void>;
}

const minute = 60_000;
const owner = "192.0.2.1";
const other = "198.51.100.7";

export const throttleCases: readonly ThrottleCase[] = [
  {
    name: "lets max attempts through, and says of the next how many seconds to wait",
    limit: { max: 3, per: minute },
    async run(throttle, { max, per }) {
      for (let n = 0; n < max; n++) assert.ok(isIn(await throttle.take(attempt(owner))), `attempt ${n + 1}`);
      const refusal = await throttle.take(attempt(owner));
      assert.ok(refusal, "The attempt after `max` must be rejected.");
      assert.ok(refusal.retryAfter > 0, "retryAfter must be above 0.");
      assert.ok(
        refusal.retryAfter <= per / 1_000,
        "retryAfter must be in seconds, and no longer than the window.",
      );
    },
  },
  {
    name: "refuses no other client",
    limit: { max: 1, per: minute },
    async run(throttle) {
      await throttle.take(attempt(owner));
      assert.ok(!isIn(await throttle.take(attempt(owner))));
      assert.ok(isIn(await throttle.take(attempt(other))));
    },
  },
  {
    name: "lets exactly max of many concurrent attempts through",
    limit: { max: 5, per: minute },
    async run(throttle, { max }) {
      const all = await Promise.all(Array.from({ length: 6 * max }, () => throttle.take(attempt(owner))));
      assert.equal(all.filter(isIn).length, max);
    },
  },
  {
    name: "gives an attempt back, so that successes never add up",
    limit: { max: 2, per: minute },
    async run(throttle, { max }) {
      if (!throttle.giveBack) return;
      for (let n = 0; n < 4 * max; n++) {
        assert.ok(isIn(await throttle.take(attempt(owner, "confirm"))), `success ${n + 1}`);
        await throttle.giveBack(attempt(owner, "confirm"));
      }
      for (let n = 0; n < max; n++) assert.ok(isIn(await throttle.take(attempt(owner, "confirm"))));
      assert.ok(!isIn(await throttle.take(attempt(owner, "confirm"))));
    },
  },
  {
    name: "begins anew when the window has ended",
    limit: { max: 1, per: 400 },
    async run(throttle, { max, per }) {
      for (let n = 0; n < max; n++) assert.ok(isIn(await throttle.take(attempt(owner))));
      const refusal = await throttle.take(attempt(owner));
      if (refusal) assert.ok(refusal.retryAfter <= 2, "retryAfter must be in seconds.");
      // Stores count in whole milliseconds.
      await pause((refusal ? refusal.retryAfter * 1_000 : per) + 20);
      assert.ok(isIn(await throttle.take(attempt(owner))), "The window must end after retryAfter seconds.");
    },
  },
  {
    name: "counts no one if the IP address isn't known",
    limit: { max: 1, per: minute },
    async run(throttle) {
      for (let n = 0; n < 3; n++) assert.ok(isIn(await throttle.take(attempt(undefined))));
    },
  },
];

function attempt(ip: string | undefined, stage: Attempt["stage"] = "request"): Attempt {
  return { stage, ip, now: Date.now() };
}

function isIn(refusal: { readonly retryAfter: number } | null | undefined | void): boolean {
  return !refusal;
}
