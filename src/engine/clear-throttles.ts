import { UsageError } from "../check-options.js";
import { foldIdentifier } from "../identity/identifier.js";
import type { CounterStore, PasswordReset } from "../types.js";
import { throttlePrefix, type CountedRule } from "./throttle.js";

interface Parts {
  readonly counters: CounterStore;
  readonly rules: readonly CountedRule[];
  readonly clock: () => number;
}

type Which = NonNullable<Parameters<PasswordReset["clearThrottles"]>[0]>;

/** How many counters are removed at a time. */
const batch = 500;

/** Clears rate limits: all, or those of one client. Returns how many counters were cleared. */
export async function clearThrottles(parts: Parts, which: Which): Promise<number> {
  const { ip, identifier, by } = which;
  return ip === undefined && identifier === undefined && by === undefined
    ? clearAll(parts.counters)
    : clearSome(parts, which);
}

async function clearAll(counters: CounterStore): Promise<number> {
  if (!counters.removeByPrefix) {
    throw new UsageError(
      "The store can't list its counters. Clear them by `ip`, `identifier`, or `by`, or implement removeByPrefix.",
    );
  }
  for (let cleared = 0; ;) {
    const removed = await counters.removeByPrefix(throttlePrefix, batch);
    cleared += removed;
    if (removed < batch) return cleared;
  }
}

/**
 * Counters are named by keyed hashes, so a client's counters are found by computing their names again, as for an
 * attempt.
 */
async function clearSome({ counters, rules, clock }: Parts, { ip, identifier, by }: Which): Promise<number> {
  const now = clock();
  const folded = identifier && foldIdentifier(identifier);
  const windows = new Map<string, number>();
  for (const rule of rules) {
    for (const [of] of rule.tiers) {
      if (by === undefined && rule.by === "ip" && ip === undefined) continue;
      const client = by ?? of({ stage: rule.stage, now, ip, identifier: folded });
      if (client !== undefined) windows.set(await rule.keyOf(client), rule.per);
    }
  }
  let cleared = 0;
  for (const [key, per] of windows) {
    const { count } = await counters.hit(key, { per, by: 0, now });
    if (count === 0) continue;
    await counters.hit(key, { per, by: -count, now });
    cleared++;
  }
  return cleared;
}
