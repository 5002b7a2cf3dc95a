import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildChild } from "./build.js";
import { callsOf, prepare, runCell, stageNames } from "./cell.js";
import type { Fault, Kind } from "./fault.js";

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

/** Runs the cells of a kind of fault; gives what was wrong, and how many cells there were. */
async function matrix(
  place: { withLock: boolean; forgetful?: boolean },
  kind: Kind,
  pick: (fault: Fault) => boolean = () => true,
) {
  const ground = await prepare({ users: sqlite(), ...place }, child);
  const wrong: string[] = [];
  let cells = 0;
  for (const stage of stageNames) {
    const calls = await callsOf(ground, stage);
    for (const [call, name] of calls.entries()) {
      for (const side of ["before", "after"] as const) {
        const fault = { kind, call, side };
        if (!pick(fault)) continue;
        cells++;
        for (const one of await runCell(ground, stage, fault)) {
          wrong.push(`${stage}, ${kind} ${side} ${name} (${call}): ${one}`);
        }
      }
    }
  }
  await ground.heir.close();
  return { wrong, cells };
}

describe.each([
  ["in one transaction", true],
  ["in steps", false],
])("a change %s, on SQLite", (_, withLock) => {
  it("keeps every promise when a call throws, before or after it was carried out", async () => {
    const { wrong, cells } = await matrix({ withLock }, "throw");
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(60);
  });

  // Sample: every fourth call; `npm run bench:faults` has them all, and the other databases.
  it("keeps every promise when the process is killed at a call", async () => {
    const { wrong, cells } = await matrix(
      { withLock },
      "kill -9",
      ({ call, side }) => call % 4 === (side === "before" ? 0 : 2),
    );
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(12);
  });
});

it("a queue that dies with the process is caught (control)", async () => {
  const { wrong } = await matrix(
    { withLock: false, forgetful: true },
    "kill -9",
    ({ call, side }) => call % 4 === (side === "before" ? 0 : 2),
  );
  expect(wrong.filter((line) => line.endsWith("an accepted request was lost")).length).toBeGreaterThan(1);
});
