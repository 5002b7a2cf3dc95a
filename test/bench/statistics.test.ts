import { describe, expect, it } from "vitest";
import { compare, median } from "../../bench/timing/statistics.js";

/** Numbers between 0 and 1 from a seed (mulberry32), so that a failure comes again. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Two series without a difference: noise of the round, which lasts for some rounds, and noise of each time. */
function alike(rounds: number, seed: number, lasting: number) {
  const draw = normal(uniform(seed));
  const a: number[] = [];
  const b: number[] = [];
  const own = [0, 0];
  for (let round = 0; round < rounds; round++) {
    for (const i of [0, 1]) own[i] = lasting * own[i]! + Math.sqrt(1 - lasting ** 2) * draw();
    a.push(100 + 10 * own[0]! + draw());
    b.push(100 + 10 * own[1]! + draw());
  }
  return { a, b };
}

describe("the area", () => {
  it("is the share of pairs in which the second took longer, ties counted by half", () => {
    const times = Array.from({ length: 40 }, (_, i) => i % 8);
    const others = Array.from({ length: 40 }, (_, i) => (i * 3) % 11);
    let wins = 0;
    for (const a of times) for (const b of others) wins += b > a ? 1 : b === a ? 0.5 : 0;
    expect(compare(times, others).auc).toBeCloseTo(wins / 1_600, 12);
    expect(compare(others, times).auc).toBeCloseTo(1 - wins / 1_600, 12);
  });

  it("is a half for a series and itself, and one where all took longer", () => {
    const { a } = alike(100, 1, 0);
    expect(compare(a, a)).toMatchObject({ auc: 0.5, low: 0.5, high: 0.5 });
    const later = a.map((time) => time + 1_000);
    expect(compare(a, later)).toMatchObject({ auc: 1, low: 1, high: 1 });
  });

  it("does not care for a few answers that took for ever", () => {
    const { a, b } = alike(1_000, 2, 0);
    const stalled = b.map((time, i) => (i % 100 === 50 ? time + 100_000 : time));
    expect(Math.abs(compare(a, stalled).auc - compare(a, b).auc)).toBeLessThan(0.01);
  });
});

// Sample: 400 pairs of series of 400 rounds each, none with a difference. Of as many 99 % intervals, 4 miss on
// average, and 12 or fewer with a chance of 99.97 %.
describe("the interval, of 400 at 99 % where there is no difference", () => {
  const series = (lasting: number) => Array.from({ length: 400 }, (_, seed) => alike(400, seed + 1, lasting));
  const misses = (intervals: readonly { low: number; high: number }[]) =>
    intervals.filter(({ low, high }) => low > 0.5 || high < 0.5).length;

  it("misses a half seldom, and so does the shift's miss zero", () => {
    const found = series(0).map(({ a, b }) => compare(a, b));
    expect(misses(found)).toBeLessThanOrEqual(12);
    const shifts = found.filter(({ shiftLow, shiftHigh }) => shiftLow > 0 || shiftHigh < 0).length;
    expect(shifts).toBeLessThanOrEqual(12);
  });

  it("misses it seldom too where noise lasts for several rounds, which rounds taken as independent do not (control)", () => {
    const noisy = series(0.7);
    expect(misses(noisy.map(({ a, b }) => compare(a, b)))).toBeLessThanOrEqual(16);
    expect(misses(noisy.map(({ a, b }) => independent(a, b)))).toBeGreaterThan(40);
  });
});

/** DeLong's interval as it is written: every round by itself. */
function independent(a: readonly number[], b: readonly number[]) {
  const n = a.length;
  const below = (time: number, others: readonly number[]) =>
    others.reduce((sum, other) => sum + (other < time ? 1 : other === time ? 0.5 : 0), 0) / n;
  const ofB = b.map((time) => below(time, a));
  const ofA = a.map((time) => 1 - below(time, b));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const variance = (values: readonly number[]) => {
    const middle = mean(values);
    return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (n - 1);
  };
  const margin = 2.576 * Math.sqrt((variance(ofA) + variance(ofB)) / n);
  return { low: mean(ofB) - margin, high: mean(ofB) + margin };
}

describe("the shift", () => {
  it("is the median of all differences", () => {
    const a = Array.from({ length: 17 }, (_, i) => (i * i) % 23);
    const b = Array.from({ length: 17 }, (_, i) => (i * 7) % 29);
    const all = a.flatMap((one) => b.map((other) => other - one));
    expect(compare(a, b).shift).toBeCloseTo(median(all), 6);
  });

  it("finds by how much everything was moved, within its interval", () => {
    const { a, b } = alike(2_000, 3, 0.3);
    const still = compare(a, b).shift;
    const { shift, shiftLow, shiftHigh, low } = compare(
      a,
      b.map((time) => time + 5),
    );
    expect(shift - still).toBeCloseTo(5, 6);
    expect(shiftLow).toBeLessThan(5);
    expect(shiftHigh).toBeGreaterThan(5);
    expect(low).toBeGreaterThan(0.5);
  });
});

it("refuses series that are no rounds", () => {
  expect(() => compare([1, 2, 3], [1, 2, 3])).toThrow("16 rounds");
  const { a } = alike(20, 4, 0);
  expect(() => compare(a, a.slice(1))).toThrow("20 and 19 times");
});
