import type { Finding, Store } from "../types.js";

/** How far two clocks may be apart. Requests are dropped by their age, and tokens expire by the clock. Milliseconds. */
export const tolerance = 30_000;

/**
 * Reports if this machine's clock and the database's differ; `undefined` if they don't, or if there's no other clock.
 */
export async function compareClocks(parts: {
  readonly store?: Store | undefined;
  readonly clock: () => number;
}): Promise<Finding | undefined> {
  const { store, clock } = parts;
  if (!store?.time) return undefined;
  const asked = clock();
  const theirs = await store.time();
  const answered = clock();
  const ours = (asked + answered) / 2;
  const apart = Math.abs(theirs - ours);
  if (!(apart > tolerance + (answered - asked))) return undefined;
  return {
    level: "error",
    what: `This machine's clock is ${Math.round(apart / 1_000).toLocaleString("en")} seconds ${ours > theirs ? "ahead of" : "behind"} the database's.`,
    fix: "Synchronize the clocks of all machines, with NTP or chrony. Otherwise, emails are late or are dropped.",
  };
}
