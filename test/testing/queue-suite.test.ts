import { describe, expect, it } from "vitest";
import { queueCases, queueSuite } from "resetkit/testing";
import { memoryStore } from "resetkit/stores/memory";
import type { RequestQueue } from "resetkit/types";
import { givenTime } from "../../src/testing/queue/case.js";
import { queueTransactionCases } from "../../src/testing/store/transactions.js";

/** The memory store's queue by the clock of the process, as an engine has one. */
function ownClock(): RequestQueue {
  const { queue } = memoryStore();
  const { database: _, ...alone } = queue!;
  return {
    ...alone,
    lease: (limit, _now, until, keyIds) => queue!.lease(limit, Date.now(), until, keyIds),
    stats: (_now, keyIds) => queue!.stats(Date.now(), keyIds),
  };
}

queueSuite(
  { describe, it: it.concurrent },
  "a queue with a clock of its own",
  () => ({ queue: ownClock() }),
  { clock: "own", step: 400, lacks: ["transaction"] },
);

queueSuite(
  { describe, it },
  "a queue that can't filter",
  () => {
    const { queue, transaction } = memoryStore();
    const lease: RequestQueue["lease"] = (limit, now, until) => queue!.lease(limit, now, until);
    return { queue: { ...queue!, lease }, transaction: transaction! };
  },
  { lacks: ["keyIds"] },
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
    const forEver = (): RequestQueue => {
      const { queue } = memoryStore();
      return { ...queue!, lease: (limit, now, _until, keyIds) => queue!.lease(limit, now, Infinity, keyIds) };
    };
    expect(await broken(forEver)).toEqual([
      "an entry comes back as it was added, whatever its bytes",
      "a leased entry is handed out again at the end of its lease, and not before",
      "what is done is not handed out again, and can be done twice",
      "stats counts what is due and not leased, and says when the oldest of it was added",
    ]);
    let calls = 0;
    const unheld = (): RequestQueue => {
      const { queue } = memoryStore();
      return {
        ...queue!,
        async lease(limit, now, until) {
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
      "retry with a failure counts the attempt and keeps the last reason; without one it does neither",
    ]);
  });

  it.each<[string, (queue: RequestQueue) => Partial<RequestQueue>, string[]]>([
    [
      "forgets kind and key id",
      (queue) => ({ add: ({ id, sealed, addedAt, dueAt }) => queue.add({ id, sealed, addedAt, dueAt }) }),
      [
        "an entry comes back as it was added, whatever its bytes",
        "an id that is there already is an error, and its entry stays as it is",
        "with key ids, lease skips entries under others, however many of them are due",
        "removeExpired removes requests that were added before the moment, due or not, no more than the limit",
        "removeExpired leaves every other kind, and entries of none, however old",
        "stats counts what is under none of the key ids, due or not; entries of no key id are everyone's",
        "retry with a failure counts the attempt and keeps the last reason; without one it does neither",
      ],
    ],
    [
      "replaces an entry",
      (queue) => ({ add: (one) => queue.done(one.id).then(() => queue.add(one)) }),
      ["an id that is there already is an error, and its entry stays as it is"],
    ],
    [
      "filters what it has leased, and not what it leases",
      (queue) => ({
        async lease(limit, now, until, keyIds) {
          const leased = await queue.lease(limit, now, until);
          return leased.filter(({ keyId }) => !keyId || !keyIds || keyIds.includes(keyId));
        },
      }),
      ["with key ids, lease skips entries under others, however many of them are due"],
    ],
    [
      "drops what has no deadline",
      (queue) => ({
        async removeExpired(before, limit) {
          const over = (await queue.list({ limit: 99 })).filter(({ addedAt }) => addedAt < before);
          for (const { id } of over.slice(0, limit)) await queue.done(id);
          return Math.min(limit, over.length);
        },
      }),
      ["removeExpired leaves every other kind, and entries of none, however old"],
    ],
    [
      "looks for old requests among the oldest entries only",
      (queue) => ({
        async removeExpired(before, limit) {
          const [first] = await queue.list({ limit: 1 });
          return first?.kind === "request" ? queue.removeExpired(before, limit) : 0;
        },
      }),
      ["removeExpired leaves every other kind, and entries of none, however old"],
    ],
    [
      "forgets why it failed",
      (queue) => ({ retry: (id, at) => queue.retry(id, at) }),
      ["retry with a failure counts the attempt and keeps the last reason; without one it does neither"],
    ],
    [
      "counts what is leased, and nothing as foreign",
      (queue) => ({ stats: () => queue.stats(Infinity) }),
      [
        "stats counts what is due and not leased, and says when the oldest of it was added",
        "stats counts what is under none of the key ids, due or not; entries of no key id are everyone's",
      ],
    ],
    [
      "lists the first page again and again",
      (queue) => ({ list: ({ limit }) => queue.list({ limit }) }),
      ["list pages through the entries by their ids, due, leased or not"],
    ],
  ])("finds a queue that %s (control)", async (_, change, cases) => {
    const make = () => {
      const { queue } = memoryStore();
      return { ...queue!, ...change(queue!) };
    };
    expect(await broken(make)).toEqual(cases);
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

  it("judges a queue once more, in longer steps, if the machine was too busy for a case", async () => {
    const lateCase = "a leased entry is handed out again at the end of its lease, and not before";
    const bodyOf = (make: () => RequestQueue, step: number) => {
      const bodies = new Map<string, () => Promise<void>>();
      const it = (name: string, body: () => Promise<void>) => bodies.set(name, body);
      queueSuite({ it }, "a queue", () => ({ queue: make() }), {
        clock: "own",
        step,
        lacks: ["transaction"],
      });
      return bodies.get(lateCase)!;
    };
    let leases = 0;
    const slow = () => {
      const queue = ownClock();
      const lease: RequestQueue["lease"] = async (...given) => {
        // Its second lease comes when the first is over, so it finds an entry where there should be none.
        if (++leases === 2) await new Promise((resolve) => setTimeout(resolve, 1_200));
        return queue.lease(...given);
      };
      return { ...queue, lease };
    };
    await bodyOf(slow, 500)();
    expect(leases).toBe(5);

    const forEver = () => {
      const queue = ownClock();
      return { ...queue, lease: (limit: number, now: number) => queue.lease(limit, now, Infinity) };
    };
    await expect(bodyOf(forEver, 100)()).rejects.toThrow();
  });

  it("says what is missing where a queue comes without a transaction, or with one that it should not have", async () => {
    const bodies = new Map<string, () => Promise<void>>();
    const runner = { it: (name: string, body: () => Promise<void>) => bodies.set(name, body) };
    queueSuite(runner, "a queue", () => ({ queue: ownClock() }));
    await expect(bodies.get(queueTransactionCases[0]!.name)!()).rejects.toThrow(
      'The subject has no transaction. Return one from make, or pass { lacks: ["transaction"] }.',
    );
    queueSuite(runner, "a queue", () => ({ queue: memoryStore().queue! }), { lacks: ["transaction"] });
    await expect(bodies.get("has no transaction, and does not seem to")!()).rejects.toThrow();
    expect(() => queueSuite({}, "a queue", () => ({ queue: ownClock() }))).toThrow(
      new TypeError("queueSuite has no function to register tests with. Pass { describe, it }."),
    );
  });
});
