import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, remove, run } from "./bundle.mjs";

/** See `history.ts`. One seed with its history: `SEED=17 npm run bench:simulation`. */
describe("whole histories, simulated", () => {
  let file: string;
  beforeAll(async () => {
    file = await bundle();
  });
  afterAll(() => remove(file));

  it("1,000 seeds violate nothing", { timeout: 600_000 }, async () => {
    const order = { count: 500, explains: true, failures: 1 };
    const reports = await Promise.all([run(file, { from: 0, ...order }), run(file, { from: 500, ...order })]);
    for (const { explanation } of reports) expect(explanation).toBeUndefined();
    expect(reports.map(({ seeds }) => seeds)).toEqual([500, 500]);
  });

  it("a seed replays exactly", { timeout: 120_000 }, async () => {
    const { failures, seeds } = await run(file, { from: 0, count: 50, twice: true });
    expect(failures.filter(({ invariant }) => invariant === "a seed replays exactly")).toEqual([]);
    expect(seeds).toBe(50);
  });

  it("a failing seed is explained in one screen", { timeout: 120_000 }, async () => {
    const order = { from: 0, count: 20_000, failures: 1, explains: true, planted: "sessions go on" };
    const { explanation = "", failures } = await run(file, order);
    const [{ seed }] = failures as [(typeof failures)[0]];
    expect(explanation).toContain(`SEED=${seed}`);
    expect(explanation).toMatch(/sessions end with a changed password/);
    expect(explanation.split("\n").length).toBeLessThan(50);
  });
});
