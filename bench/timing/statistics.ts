/**
 * Whether two series of times can be told apart. Ranks alone decide: the slowest answers of a shared machine are a
 * thousand times as long as the usual ones, and any mean is theirs.
 *
 * @module
 */

/** What telling `b` from `a` by one time each comes to. Shifts are in the unit of the times. */
export interface Comparison {
  /** The chance that `b` took longer, ties counted by half (Mann-Whitney's U / n²): 0.5 says nothing. */
  readonly auc: number;
  /** Its 99 % interval. */
  readonly low: number;
  readonly high: number;
  /** By how much `b` took longer: the median of all differences (Hodges-Lehmann), and its 99 % interval. */
  readonly shift: number;
  readonly shiftLow: number;
  readonly shiftHigh: number;
}

/**
 * Compares two series of which the times at the same place were measured in the same round.
 *
 * The variance is DeLong's, with two changes. Both times of a round share the round's noise, so their placements are
 * added up before their variance is taken. And noise lasts longer than a round, so the variance is taken of the
 * means of √n blocks of neighbouring rounds: treating the rounds as independent would make the interval too narrow.
 */
export function compare(a: ArrayLike<number>, b: ArrayLike<number>): Comparison {
  if (a.length !== b.length || a.length < 16) {
    throw new TypeError(
      `There are ${a.length} and ${b.length} times: measure both in the same 16 rounds or more.`,
    );
  }
  const { auc, margin } = areaOf(a, b);
  const [sortedA, sortedB] = [sorted(a), sorted(b)];
  const shift = differenceAt(0.5, sortedA, sortedB);
  // Around the shift, where the null hypothesis of the test that is inverted here is true.
  const { margin: around } = areaOf(
    Float64Array.from(a, (time) => time + shift),
    b,
  );
  return {
    auc,
    low: Math.max(0, auc - margin),
    high: Math.min(1, auc + margin),
    shift,
    shiftLow: differenceAt(0.5 - around, sortedA, sortedB),
    shiftHigh: differenceAt(0.5 + around, sortedA, sortedB),
  };
}

export function median(times: ArrayLike<number>): number {
  const ordered = sorted(times);
  const middle = ordered.length >> 1;
  return ordered.length % 2 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2;
}

function areaOf(a: ArrayLike<number>, b: ArrayLike<number>): { auc: number; margin: number } {
  const [sortedA, sortedB] = [sorted(a), sorted(b)];
  const n = a.length;
  const blocks = Math.floor(Math.sqrt(n));
  const means = new Float64Array(blocks);
  let sum = 0;
  for (let block = 0; block < blocks; block++) {
    const from = Math.floor((block * n) / blocks);
    const to = Math.floor(((block + 1) * n) / blocks);
    let own = 0;
    for (let i = from; i < to; i++) own += shareBelow(b[i]!, sortedA) + 1 - shareBelow(a[i]!, sortedB);
    means[block] = own / (to - from);
    sum += own;
  }
  const mean = sum / n;
  let squares = 0;
  for (const own of means) squares += (own - mean) ** 2;
  const error = Math.sqrt(squares / (blocks - 1) / blocks);
  return { auc: mean / 2, margin: quantile995(blocks - 1) * error };
}

/** The share of the times that is below `time`, equal ones counted by half. */
function shareBelow(time: number, ordered: Float64Array): number {
  return (firstNotBelow(time, ordered) + firstAbove(time, ordered)) / 2 / ordered.length;
}

function firstNotBelow(time: number, ordered: Float64Array): number {
  return search(ordered, (other) => other >= time);
}

function firstAbove(time: number, ordered: Float64Array): number {
  return search(ordered, (other) => other > time);
}

function search(ordered: Float64Array, isPast: (time: number) => boolean): number {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isPast(ordered[middle]!)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The value below which that share of all n² differences `b - a` lies, to a millionth of the times' range. */
function differenceAt(share: number, a: Float64Array, b: Float64Array): number {
  let low = b[0]! - a.at(-1)!;
  let high = b.at(-1)! - a[0]!;
  const wanted = Math.min(1, Math.max(0, share)) * a.length * b.length;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (differencesUpTo(middle, a, b) < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function differencesUpTo(most: number, a: Float64Array, b: Float64Array): number {
  let count = 0;
  let reached = 0;
  for (const time of a) {
    while (reached < b.length && b[reached]! - time <= most) reached++;
    count += reached;
  }
  return count;
}

/** Student's t at 0.995, by the expansion of Cornish and Fisher; right to 0.3 % from 15 degrees of freedom on. */
function quantile995(freedom: number): number {
  const z = 2.5758293;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}

function sorted(times: ArrayLike<number>): Float64Array {
  return Float64Array.from(times).sort();
}
