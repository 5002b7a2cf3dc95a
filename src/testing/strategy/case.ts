import type { Bench } from "./samples.js";

/**
 * What a strategy may leave out if its format requires that: tokens that every change in `users.stateOf` revokes (`state`),
 * that are valid in their own scope only (`scope`), and that are made with resetkit's `secret` (`secret`).
 */
export type StrategyPart = "state" | "scope" | "secret";

/** One guarantee of a strategy, and a test for it. */
export interface StrategyCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: StrategyPart;
  /** Rejects if the guarantee is broken. */
  run(bench: Bench): Promise<void>;
}
