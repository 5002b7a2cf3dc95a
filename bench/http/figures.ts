import type { Rounds, Turn } from "./rounds.js";

/** What is one number in a turn, or how it is made of one. */
export type Measure = Exclude<keyof Turn, "more"> | ((turn: Turn) => number);

/** A median with the least and the greatest value. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, least: sorted[0]!, most: sorted.at(-1)! };
}

/** One system's figure beside another's: divided round by round, and not median by median. */
export function ratio(rounds: Rounds, name: string, other: string, measure: Measure = "perSecond"): Spread {
  const [ones, others] = [valuesOf(rounds, name, measure), valuesOf(rounds, other, measure)];
  return spread(ones.map((value, round) => value / others[round]!));
}

export function of(rounds: Rounds, name: string, measure: Measure): Spread {
  return spread(valuesOf(rounds, name, measure));
}

function valuesOf({ turns }: Rounds, name: string, measure: Measure): number[] {
  return turns[name]!.map((turn) => (typeof measure === "function" ? measure(turn) : turn[measure]));
}

/** With as many digits as mean something. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(value >= 1 ? 3 : 2);
}

export function withRange({ median, least, most }: Spread, digits = 2): string {
  const text = (value: number) => (value >= 100 ? figure(value) : value.toFixed(digits));
  return `${text(median)} (${text(least)}–${text(most)})`;
}
