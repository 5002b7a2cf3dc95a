import type { Bench } from "./samples.js";

/**
 * What a strategy may do without, where its format leaves no choice: tokens that die with anything in
 * `users.stateOf`, that are good in their own scope only, that are made with resetkit's `secret`.
 */
export type StrategyPart = "state" | "scope" | "secret";

/** One promise, and how to see whether a strategy keeps it. */
export interface StrategyCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: StrategyPart;
  /** Rejects where the promise is broken. */
  run(bench: Bench): Promise<void>;
}
