import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Place } from "../bench/timing/database.js";
import { isSeen, judge, reachOf, type Result } from "../bench/timing/judge.js";
import { measure, type Plan } from "../bench/timing/measure.js";
import { postgres } from "./servers/postgres.js";

// Sample: 400 rounds of each of nine kinds, so 400 pairs for each of the 15 pairs of classes. Without a difference an AUC
// lies within 0.5 ± 0.09 with a chance of 99.99 %, however slow the machine is; what is planted takes three milliseconds.
// `npm run bench:timing` has 20,000 rounds, and finds 50 µs.
const rounds = 400;
const band = 0.1;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-timing-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tracks: readonly [string, Plan["worker"], () => Promise<Place>][] = [
  [
    "SQLite, worker outside",
    "outside",
    async () => ({ database: "sqlite", url: join(folder, "outside.db") }),
  ],
  ["PostgreSQL, worker inside", "inside", async () => ({ database: "postgres", url: await postgres() })],
];

describe.each(tracks)("on %s", (_, worker, newPlace) => {
  let result: Result;

  beforeAll(async () => {
    const place = await newPlace();
    const plan: Plan = {
      ...{
        place,
        worker,
        rounds,
        warmUp: 50,
        tick: 10,
        probe: "hello",
        pace: 0,
        planted: 3_000,
        late: 3_000,
      },
    };
    // The judge's own band is for quiet machines.
    result = judge(plan, await measure(plan), 0.5);
  });

  it("six classes of accounts get the same bytes and the work that their names say", () => {
    // A busy machine may keep the worker behind, or drown what is late: neither is a fault of the work.
    const ofTheMachine = /the worker did not keep up|"late" is not seen/;
    expect(result.void.filter((cause) => !ofTheMachine.test(cause))).toEqual([]);
  });

  it.each(["response", "next"] as const)("none can be told from another by the time of the %s", (side) => {
    for (const { a, b, auc } of result[side].pairs)
      expect(Math.abs(auc - 0.5), `${a}, ${b}`).toBeLessThan(band);
  });

  it.each(["response", "next"] as const)("three milliseconds are seen on the %s (control)", (side) => {
    const planted = result[side].controls.find(({ b }) => b === "planted")!;
    expect(isSeen(planted)).toBe(true);
    expect(reachOf(planted)).toBeGreaterThan(band);
    expect(planted.auc).toBeGreaterThan(0.5 + band);
  });
});
