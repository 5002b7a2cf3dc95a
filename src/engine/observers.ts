/** What is timed: the calls, each attempt to deliver (or to do the same work for a decoy), and each password hash. */
export type Step = "request" | "validate" | "confirm" | "issueFor" | "revoke" | "deliver" | "dryRun" | "hash";

/** Runs a step, and must pass on its result and its error. It learns nothing about the user. */
export type Observer = (step: Step, work: () => Promise<unknown>) => Promise<unknown>;

/** Runs a step inside all observers; the first in the list is the outermost. Without one, it's a plain call. */
export function observed<T>(observers: readonly Observer[], step: Step, work: () => Promise<T>): Promise<T> {
  return observers.reduceRight<() => Promise<any>>((inner, observer) => () => observer(step, inner), work)();
}
