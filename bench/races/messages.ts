import type { Track } from "./databases.js";

/**
 * What races: `steps` confirms one token; `lock` too, with `users.lock`; `two` and `two, lock` confirm two
 * tokens of one account; `seed` is the positive control: select, set, delete.
 */
export type Mode = "steps" | "lock" | "two" | "two, lock" | "seed";

/** To a racer, first. */
export interface Start {
  readonly track: Track;
  readonly connections: number;
  /** Names the racer in its passwords. */
  readonly name: string;
}

/** To a racer, once in a round: whoever has a connection confirms one of the tokens at that instant. */
export interface Round {
  readonly mode: Mode;
  readonly tokens: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** From a racer, once in a round. */
export interface Answers {
  /** `ok`, or the code of the error, of each connection. */
  readonly codes: readonly string[];
  /** The passwords of those that were told `ok`. */
  readonly passwords: readonly string[];
  /** What the engine wrote into its log. */
  readonly errors: readonly string[];
}

export const secret = "a secret of the races: 0123456789 abcdefghijklmnopqrstuvwxyz";
