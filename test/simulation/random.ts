/** Seeded randomness: the same seed always draws the same numbers. */
export interface Random {
  /** At least 0 and below 1. */
  next(): number;
  /** A whole number below `limit`. */
  below(limit: number): number;
  /** Whether something that happens with this probability happens now. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** Several streams of one seed don't disturb each other: what one draws doesn't change the others. */
export function seeded(seed: number, stream: number): Random {
  let a = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35);
  // mulberry32: small, fast, and good enough to choose schedules with.
  const next = () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)]!,
  };
}
