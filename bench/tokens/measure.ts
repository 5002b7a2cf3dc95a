/**
 * Measures one case beside its unit, in turn, and prints what a call of each costs. Run by `bench/tokens.ts`.
 *
 * @module
 */
import { cases, type Call } from "./cases.js";

export interface Cost {
  /** Microseconds of processor time, all threads together. */
  readonly cpu: number;
  /** Microseconds by the clock. */
  readonly wall: number;
}

/** What one call costs, awaited one by one, over so many milliseconds of processor time. */
async function costOf(call: Call, time: number): Promise<Cost> {
  const isAsync = call() instanceof Promise;
  const [begin, before] = [performance.now(), process.cpuUsage()];
  let count = 0;
  let cpu = 0;
  while (cpu < time * 1000) {
    if (isAsync) for (let i = 0; i < 200; i++) await call();
    else for (let i = 0; i < 200; i++) call();
    count += 200;
    const { user, system } = process.cpuUsage(before);
    cpu = user + system;
  }
  return { cpu: cpu / count, wall: ((performance.now() - begin) * 1000) / count };
}

const mean = (costs: readonly Cost[]): Cost => ({
  cpu: costs.reduce((sum, { cpu }) => sum + cpu, 0) / costs.length,
  wall: costs.reduce((sum, { wall }) => sum + wall, 0) / costs.length,
});

const { unit, prepare } = cases[process.argv[2]!]!;
const [beside, call] = [await cases[unit]!.prepare(), await prepare()];
const costs: [Cost[], Cost[]] = [[], []];
for (const one of [beside, call]) await costOf(one, 300);
for (let turn = 0; turn < 3; turn++) {
  costs[0].push(await costOf(beside, 100));
  costs[1].push(await costOf(call, 100));
}
console.log(JSON.stringify({ unit: mean(costs[0]), call: mean(costs[1]) }));
