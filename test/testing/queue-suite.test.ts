import { describe, expect, it } from "vitest";
import { queueCases, queueSuite } from "resetkit/testing";
import { memoryStore } from "resetkit/stores/memory";
import type { RequestQueue } from "resetkit/types";
import { givenTime } from "../../src/testing/queue-suite.js";
import { queueTransactionCases } from "../../src/testing/store-transactions.js";

/** The memory store's queue by the clock of the process, as an engine has one. */
function ownClock(): RequestQueue {
  const { queue } = memoryStore();
  const { database: _, ...alone } = queue!;
  return { ...alone, lease: (limit, _now, until) => queue!.lease(limit, Date.now(), until) };
}

queueSuite(
  { describe, it: it.concurrent },
  "a queue with a clock of its own",
  () => ({ queue: ownClock() }),
  { clock: "own", step: 400, lacks: ["transaction"] },
);

queueSuite({ describe, it }, "the memory store's queue", () => {
  const { queue, transaction } = memoryStore();
  return { queue: queue!, transaction: transaction! };
});

/** The cases that find something wrong. */
async function broken(make: () => RequestQueue): Promise<string[]> {
  const found = await Promise.all(
    queueCases.map(({ name, run }) =>
      run(make(), givenTime()).then(
        () => [],
        () => [name],
      ),
    ),
  );
  return found.flat();
}

describe("the queue suite", () => {
  it("finds leases that never end, leases that do not hold, and retries that are ignored (control)", async () => {
    const forEver = () => {
      const { queue } = memoryStore();
      return { ...queue!, lease: (limit: number, now: number) => queue!.lease(limit, now, Infinity) };
    };
    expect(await broken(forEver)).toEqual([
      "a leased entry is handed out again at the end of its lease, and not before",
      "what is done is not handed out again, and can be done twice",
    ]);
    let calls = 0;
    const unheld = () => {
      const { queue } = memoryStore();
      return {
        ...queue!,
        async lease(limit: number, now: number, until: number) {
          const leased = await queue!.lease(limit, now, until);
          if (++calls % 2 === 0) for (const { id, dueAt } of leased) await queue!.retry(id, dueAt);
          return leased;
        },
      };
    };
    expect(await broken(unheld)).toContain(queueCases.find(({ name }) => name.startsWith("200"))!.name);
    const deaf = () => ({ ...memoryStore().queue!, retry: async () => undefined });
    expect(await broken(deaf)).toEqual([
      "retry makes an entry due at another time: later, a longer lease, or sooner",
    ]);
  });

  it("finds a queue that takes a transaction and does not join it (control)", async () => {
    const { queue } = memoryStore();
    const alone: RequestQueue = {
      ...queue!,
      add: (entry) => queue!.add(entry),
      done: (id) => queue!.done(id),
    };
    const ends = await Promise.allSettled(
      queueTransactionCases.map(({ run }) => run(alone, (work) => work(undefined), givenTime())),
    );
    expect(ends.map(({ status }) => status)).toContain("rejected");
  });

  it("says what is missing where a queue comes without a transaction, or with one that it should not have", async () => {
    const bodies = new Map<string, () => Promise<void>>();
    const runner = { it: (name: string, body: () => Promise<void>) => bodies.set(name, body) };
    queueSuite(runner, "a queue", () => ({ queue: ownClock() }));
    await expect(bodies.get(queueTransactionCases[0]!.name)!()).rejects.toThrow(
      'The queue comes without a transaction: pass { lacks: ["transaction"] }.',
    );
    queueSuite(runner, "a queue", () => ({ queue: memoryStore().queue! }), { lacks: ["transaction"] });
    await expect(bodies.get("has no transaction, and does not seem to")!()).rejects.toThrow();
    expect(() => queueSuite({}, "a queue", () => ({ queue: ownClock() }))).toThrow(
      new TypeError("queueSuite got no function to register tests with: pass { describe, it }."),
    );
  });
});
