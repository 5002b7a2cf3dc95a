import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { broken } from "../bench/flood/judge.js";
import { type Plan, refusedOf } from "../bench/flood/plan.js";
import { runFlood, type Outcome } from "../bench/flood/run.js";
import { startServer } from "../bench/flood/server.js";

// A small part of `npm run bench:flood`, at once. How long an owner waits isn't looked at: that's the machine's.
const flood: Omit<Plan, "url"> = {
  ...{ database: "sqlite", requests: 6_000, networks: 1_500, owners: 10 },
  ...{ lasts: 1, speed: 1, throttles: "fair", maxWaiting: 1e6, worker: "usual" },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-flood-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function runOn(name: string, changes: Partial<Plan> = {}): Promise<[Plan, Outcome]> {
  const plan = { ...flood, ...changes, url: join(folder, name) };
  return [plan, await runFlood(plan, await startServer(plan))];
}

describe("a flood from 1,500 networks", () => {
  it("is refused exactly where it's too much, keeps no owner from an email, and leaves no row", async () => {
    const [plan, outcome] = await runOn("fair.db");
    expect(refusedOf(plan)).toBeGreaterThan(0);
    expect(broken(plan, outcome, Infinity)).toEqual([]);
  });

  it("without limits is found (control)", async () => {
    const [plan, outcome] = await runOn("open.db", { throttles: false });
    expect(broken(plan, outcome, Infinity)).toContain("only 0 requests were refused");
  });
});
