import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildChild } from "./build.js";
import type { Fault } from "./fault.js";
import { matrix } from "./matrix.js";
import { killedWorkers } from "./rounds.js";

let folder: string;
let child: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-faults-"));
  child = await buildChild();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(child, { force: true });
});

let files = 0;
const sqlite = () => join(folder, `${++files}.db`);
/** Sample of the kills: one side of every second call, or fewer. `npm run bench:faults` has all, and the other databases. */
const sampleOf = (every: number) => ({
  pick: ({ call, side }: Fault) => call % every === (side === "before" ? 0 : every / 2),
});
const sample = sampleOf(4);

describe.each([
  ["by a link, in one transaction", { withLock: true }],
  ["by a link, in steps", { withLock: false }],
  ["by a code, in one transaction", { withLock: true, codes: true }],
  ["by a code, in steps", { withLock: false, codes: true }],
])("a change %s, on SQLite", (_, way) => {
  it("keeps every promise when a call throws, before or after it was carried out", async () => {
    const { wrong, cells } = await matrix({ users: sqlite(), ...way }, child, ["throw"]);
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(60);
  });

  it("keeps every promise when the process is killed at a call", { timeout: 300_000 }, async () => {
    const { wrong, cells } = await matrix(
      { users: sqlite(), ...way },
      child,
      ["kill -9"],
      sampleOf("codes" in way ? 8 : 4),
    );
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(5);
  });
});

it("a queue that dies with the process is caught (control)", async () => {
  const place = { users: sqlite(), withLock: false, forgetful: true };
  const { wrong } = await matrix(place, child, ["kill -9"], sample);
  expect(wrong.filter((line) => line.endsWith("an accepted request was lost")).length).toBeGreaterThan(1);
});

it("a worker that is killed at any moment loses no mail and sends none more than twice", async () => {
  const place = { users: sqlite(), withLock: true };
  // Sample: five rounds of ten requests.
  const counted = await killedWorkers(place, child, { rounds: 5, requestsEach: 10 });
  expect(counted).toMatchObject({ rounds: 5, requests: 50, lost: 0, moreThanTwice: 0 });
});

it("a worker whose queue forgets what it hands out is caught (control)", async () => {
  const place = { users: sqlite(), withLock: true, hasty: true };
  // Sample: three rounds of ten requests. At its twelfth call a worker has all ten in hand, and has sent none.
  const counted = await killedWorkers(place, child, { rounds: 3, requestsEach: 10, atCall: 11 });
  expect(counted).toMatchObject({ requests: 30, lost: 30 });
});
