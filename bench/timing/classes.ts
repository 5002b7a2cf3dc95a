/**
 * Who is asked for. Every request names an address that nobody has asked for before, so that no cache, cap or
 * coalescing knows it; and all addresses look alike, so that nothing but the account behind them differs.
 *
 * @module
 */

/** What must not be told apart. */
export const classes = [
  "known",
  "unknown",
  "inactive",
  "no password",
  "several accounts",
  "over the cap",
] as const;

/**
 * What shows that the measurement can tell, and that it does not tell without cause: `again` is `known` once more;
 * `planted` is known, and its answer and the next one take longer by a wait, as does the worker's first step where that is watched; `late` is known, and work follows its
 * answer, as it does where a mail is sent "after the response".
 */
export const controls = ["again", "planted", "late"] as const;

export type Class = (typeof classes)[number];
export type Kind = Class | (typeof controls)[number];

export const kinds: readonly Kind[] = [...classes, ...controls];

/** The address of a kind in a round: its number is all that differs. */
export function addressOf(kind: Kind, round: number): string {
  const number = round * kinds.length + kinds.indexOf(kind);
  return `a${String(number).padStart(7, "0")}@example.com`;
}

/** Live tokens of an account, at which it is over the cap: the library's default. */
export const maxLive = 3;
