/** A process that only takes requests notices that no worker carries them out. */
import { expect, it } from "vitest";
import { createWorkerWatch } from "../../src/engine/worker-watch.js";
import type { RequestQueue } from "../../src/types.js";
import { keptLog } from "../kit.js";

const noon = Date.UTC(2026, 0, 15, 12);
const minute = 60_000;

/** A watch over a queue that has so many waiting, the oldest of them for so long. */
function setUp(state: { waiting: number; age?: number }, stats?: RequestQueue["stats"]) {
  const clock = { now: noon };
  const lines: [message: string, fields: unknown][] = [];
  const log = {
    ...keptLog(),
    warn: (message: string, fields?: unknown) => void lines.push([message, fields]),
  };
  const asked: number[] = [];
  const count: RequestQueue["stats"] = async (now) => {
    asked.push(now);
    return {
      waiting: state.waiting,
      oldestAt: state.age === undefined ? undefined : now - state.age,
      foreign: 0,
    };
  };
  const queue = { stats: stats ?? count } as RequestQueue;
  return { look: createWorkerWatch({ queue, clock: () => clock.now, log }), clock, lines, asked };
}

it("says how many wait since when, and how to run a worker", async () => {
  const { look, lines } = setUp({ waiting: 2, age: 90_000 });
  await look();
  expect(lines).toEqual([
    [
      "2 queued requests wait since 2026-01-15 11:58 UTC, because no worker takes them. Run one: npx resetkit work",
      { waiting: 2, oldestAt: noon - 90_000 },
    ],
  ]);
});

it("speaks of one request where there is one", async () => {
  const { look, lines } = setUp({ waiting: 1, age: minute });
  await look();
  expect(lines[0]![0]).toMatch(/^1 queued request waits since .* no worker takes it\. /);
});

it.each([
  ["nothing waits", { waiting: 0, age: 5 * minute }],
  ["the queue doesn't say how old its entries are", { waiting: 3 }],
  ["the oldest has waited for less than a minute", { waiting: 3, age: minute - 1 }],
])("says nothing where %s", async (_, state) => {
  const { look, lines, asked } = setUp(state);
  await look();
  expect(lines).toEqual([]);
  expect(asked).toEqual([noon]);
});

it("looks once a minute, however many requests come", async () => {
  const { look, clock, asked } = setUp({ waiting: 0 });
  for (const after of [0, 1, minute - 1, minute, minute + 1, 2 * minute]) {
    clock.now = noon + after;
    await look();
  }
  expect(asked).toEqual([noon, noon + minute, noon + 2 * minute]);
});

it("is quiet for ten minutes after it said so, and then says it again", async () => {
  const { look, clock, lines, asked } = setUp({ waiting: 3, age: minute });
  for (const after of [0, 5 * minute, 10 * minute - 1, 10 * minute]) {
    clock.now = noon + after;
    await look();
  }
  expect(asked).toEqual([noon, noon + 10 * minute]);
  expect(lines).toHaveLength(2);
});

it("fails with no queue that can't be counted", async () => {
  const down = setUp({ waiting: 3 }, () => Promise.reject(new Error("connection refused")));
  await down.look();
  const old = createWorkerWatch({ queue: {} as RequestQueue, clock: () => noon, log: keptLog() });
  await old();
  expect(down.lines).toEqual([]);
});
