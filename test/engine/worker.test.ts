/** How a worker takes entries off its queue, when it tries again, and what it says when something is wrong. */
import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { createEmitter } from "../../src/engine/events.js";
import { createIntents, entryId, type Intent, type Performed } from "../../src/engine/intents.js";
import { createWorker } from "../../src/engine/worker.js";
import { createWorkload } from "../../src/engine/workload.js";
import { memoryStore } from "../../src/stores/memory.js";
import type { Events, QueuedEntry, RequestQueue } from "../../src/types.js";
import { keptLog, secret } from "../kit.js";

const noon = Date.UTC(2026, 0, 15, 12);
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const origin = { ip: "192.0.2.1", userAgent: undefined, data: undefined };
const otherSecret = "another secret of the tests: 9876543210 zyxwvutsrqponmlkjih";

afterEach(() => {
  // Before the timers: what is spied on is one of them, and would come back.
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const request = (identifier = "ada@example.com", at = noon): Intent => ({
  ...{ kind: "request", at, scope: "", request: origin, identifier },
});
const changed = (userId = "n:1"): Intent => ({
  ...{ kind: "changed", at: noon, scope: "acme", request: origin, userId, address: "ada@example.com" },
});
const finish: Intent = {
  ...{
    kind: "finish",
    at: noon,
    scope: "",
    request: origin,
    userId: "n:1",
    before: "AA",
    address: "ada@example.com",
  },
};

const numbered = (count: number) => Array.from({ length: count }, (_, n) => request(`user${n}@example.com`));

/** A step that ends when it's told to. */
function step<T>() {
  let end!: (value: T) => void;
  const done = new Promise<T>((resolve) => (end = resolve));
  return { done, end };
}

/** Other work has its turns, as many as any of this takes. */
async function turns() {
  for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
}

interface Given {
  perform?: (intent: Intent) => Promise<Performed>;
  tidy?: () => Promise<boolean>;
  queue?: (queue: RequestQueue) => Partial<RequestQueue>;
  store?: ReturnType<typeof memoryStore>;
  secrets?: string;
}

/** A worker over a queue in memory, by a clock that stands still. */
function setUp({ perform, tidy, queue: change, store = memoryStore(), secrets = secret }: Given = {}) {
  const clock = { now: noon };
  const leases: Parameters<RequestQueue["lease"]>[] = [];
  const retries: Parameters<RequestQueue["retry"]>[] = [];
  const inner: RequestQueue = { ...store.queue!, ...change?.(store.queue!) };
  const queue: RequestQueue = {
    ...inner,
    lease: (...args) => (leases.push(args), inner.lease(...args)),
    retry: (...args) => (retries.push(args), inner.retry(...args)),
  };
  const parts = { queue, keys: createKeyring(secrets), counters: store.counters, clock: () => clock.now };
  const intents = createIntents(parts);
  const log = keptLog();
  const failed: Events<unknown>["failed"][] = [];
  const events = createEmitter<unknown>(() => undefined);
  events.on("failed", (event) => void failed.push(event));
  const performed: Intent[] = [];
  let tidied = 0;
  const worker = createWorker({
    queue,
    intents,
    load: createWorkload(100),
    pace: {
      ...{ tick: 250, lease: 30 * second, deadline: 2 * hour, timeout: 2 * minute },
      ...{ concurrency: 100, maxWaiting: 100_000 },
    },
    clock: () => clock.now,
    events,
    log,
    perform: async (intent) => {
      performed.push(intent);
      return perform ? perform(intent) : "sent";
    },
    tidy: async () => {
      tidied++;
      return tidy ? tidy() : true;
    },
  });
  return {
    ...{ worker, intents, queue, store, clock, leases, retries, log, failed, performed },
    add: async (...all: Intent[]) => {
      for (const intent of all) await intents.add(intent);
    },
    left: (): Promise<readonly QueuedEntry[]> => store.queue!.list({ limit: 1_000 }),
    tidied: () => tidied,
    /** Lets time pass, and does what's due then. */
    after: async (time: number) => {
      clock.now += time;
      await worker.drain();
    },
  };
}

const names = (performed: readonly Intent[]) =>
  performed.map((intent) => (intent.kind === "request" ? intent.identifier : intent.kind));

const failing = (message: string) => () => Promise.reject(new Error(message));

/** Timers are run by hand. What memory does takes no timer. */
const withTimers = () =>
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
  });

describe("a round", () => {
  it("asks for ten entries that are due, with the ids of its keys, until the end of the lease", async () => {
    const { worker, intents, add, leases, left } = setUp();
    await add(request());
    await worker.drain();
    const keyIds = await intents.keyIds();
    expect(leases[0]).toEqual([10, noon, noon + 30 * second, keyIds]);
    expect(await left()).toEqual([]);
  });

  it("asks again as long as it gets all that it asked for", async () => {
    const { worker, add, performed, leases } = setUp();
    withTimers();
    await add(...numbered(25));
    const running = worker.run();
    await turns();
    expect(performed).toHaveLength(25);
    // In one tick: no timer has run.
    expect(leases).toHaveLength(3);
    await worker.stop();
    await vi.runAllTimersAsync();
    await running;
  });

  it("leaves what was added meanwhile to the next, however long the round takes", async () => {
    const kit = setUp({
      perform: async () => {
        kit.clock.now += second;
        return "sent";
      },
    });
    await kit.add(...numbered(10));
    await kit.worker.drain();
    const [first, again, next] = kit.leases.map(([, due]) => due);
    expect([first, again]).toEqual([noon, noon]);
    expect(next).toBe(noon + 10 * second);
  });

  it("takes nothing more off the queue while six pieces are at the database", async () => {
    const release = step<Performed>();
    const { worker, add, performed, leases } = setUp({ perform: () => release.done });
    await add(...numbered(25));
    const draining = worker.drain();
    await turns();
    expect([performed.length, leases.length]).toEqual([6, 1]);
    release.end("sent");
    await draining;
    expect(performed).toHaveLength(25);
  });

  it("leaves the rest where it is, once the worker is stopped", async () => {
    const release = step<Performed>();
    const { worker, add, leases, left, clock } = setUp({ perform: () => release.done });
    await add(...numbered(25));
    const draining = worker.drain();
    await turns();
    const stopping = worker.stop();
    release.end("sent");
    await stopping;
    await draining;
    expect(leases).toHaveLength(1);
    expect(await left()).toHaveLength(15);
    expect((await left()).every(({ dueAt }) => dueAt === clock.now)).toBe(true);
  });

  it.each([
    ["is left to the next who asks, if it took as long as the lease", 30 * second, 0],
    ["is begun, if it took less", 30 * second - 1, 1],
  ])("that is handed its entries late: what it was handed %s", async (_, time, begun) => {
    const kit = setUp({
      queue: ({ lease }) => ({
        lease: async (...args) => {
          const entries = await lease(...args);
          if (entries.length > 0) kit.clock.now += time;
          return entries;
        },
      }),
    });
    await kit.add(request());
    const stop = new AbortController();
    withTimers();
    const work = kit.worker.run(stop.signal);
    await turns();
    expect(kit.performed).toHaveLength(begun);
    stop.abort();
    await work;
  });

  it("ends at once when the worker is stopped, even if no place gets free", async () => {
    const release = step<Performed>();
    let down = true;
    const { worker, add, log, performed } = setUp({
      perform: () => release.done,
      queue: ({ lease }) => ({
        lease: (...args) => (down ? Promise.reject(new Error("connection refused")) : lease(...args)),
      }),
    });
    withTimers();
    await add(...numbered(25));
    const running = worker.run();
    await turns();
    down = false;
    await vi.advanceTimersByTimeAsync(250);
    await turns();
    expect([performed.length, log.lines.length]).toEqual([6, 1]);
    const stopping = worker.stop();
    await turns();
    // A round that has ended without a failure says that the queue can be reached.
    expect(log.lines[1]).toContain("The worker reaches its queue again");
    release.end("sent");
    await stopping;
    await running;
  });

  it("is followed by another for what the work itself has added", async () => {
    const kit = setUp({
      perform: async (intent) => {
        if (intent.kind === "finish") {
          kit.clock.now += 1;
          await kit.add(changed());
        }
        return "nothing";
      },
      // The round is still asking for more when its first pieces are done.
      queue: ({ lease }) => ({
        lease: async (...args) => {
          if (kit.leases.length > 1) await turns();
          return lease(...args);
        },
      }),
    });
    await kit.add(finish, ...numbered(9));
    await kit.worker.drain();
    expect(names(kit.performed)).toContain("changed");
    expect(await kit.left()).toEqual([]);
  });
});

describe("an entry that was done, but couldn't be removed", () => {
  it("isn't done again, and is removed when it's leased again", async () => {
    let down = 2;
    const { worker, add, performed, log, after, left } = setUp({
      queue: ({ done }) => ({
        done: (...args) => (down-- > 0 ? Promise.reject(new Error("connection refused")) : done(...args)),
      }),
    });
    await add(request());
    await worker.drain();
    expect(log.lines).toEqual(["error: The worker can't reach its queue: Error: connection refused"]);
    await after(30 * second);
    expect(await left()).toHaveLength(1);
    await after(30 * second);
    expect(await left()).toEqual([]);
    expect(performed).toHaveLength(1);
    expect(log.lines).toHaveLength(1);
  });

  it("counts as a failure to reach the queue each time", async () => {
    let down = 2;
    const { worker, add, clock, log, left } = setUp({
      queue: ({ done }) => ({
        done: (...args) => (down-- > 0 ? Promise.reject(new Error(`${down} more`)) : done(...args)),
      }),
    });
    withTimers();
    await add(request());
    const stop = new AbortController();
    const work = worker.run(stop.signal);
    for (let n = 0; n < 3; n++) {
      await turns();
      clock.now += 30 * second;
      await vi.advanceTimersByTimeAsync(250);
    }
    await turns();
    stop.abort();
    await work;
    expect(await left()).toEqual([]);
    expect(log.lines).toEqual([
      "error: The worker can't reach its queue: Error: 1 more",
      "info: The worker reaches its queue again, after 2 failed attempts; 0 were dropped.",
    ]);
  });

  it("keeps nothing else from being done", async () => {
    let down = true;
    const { worker, add, performed, after } = setUp({
      queue: ({ done }) => ({
        done: (...args) => (down ? Promise.reject(new Error("connection refused")) : done(...args)),
      }),
    });
    await add(request());
    await worker.drain();
    await add(request("grace@example.com"));
    await after(30 * second);
    down = false;
    expect(names(performed)).toEqual(["ada@example.com", "grace@example.com"]);
  });
});

it("an entry that was carried out before, and was put back, is removed and said", async () => {
  const { worker, intents, queue, performed, log, failed, left } = setUp();
  await intents.add(changed());
  const [copy] = await queue.lease(1, noon, noon);
  await worker.drain();
  expect(performed).toHaveLength(1);
  await queue.add(copy!);
  await worker.drain();
  expect(performed).toHaveLength(1);
  const reason = "A queue entry was carried out before, so it was removed";
  expect(log.lines).toEqual([`error: ${reason}. Check who can write to the queue.`]);
  expect(failed).toEqual([{ what: "intent", reason, final: true }]);
  expect(await left()).toEqual([]);
});

it("an entry with what was encrypted for another one is removed and said", async () => {
  const { worker, intents, queue, performed, log, failed, left } = setUp();
  await intents.add(changed());
  const [entry] = await queue.lease(1, noon, noon + second);
  await queue.done(entry!.id);
  await queue.add({ ...entry!, id: entryId(noon), dueAt: noon });
  await worker.drain();
  expect(performed).toEqual([]);
  const reason = "A queue entry was encrypted for another entry, so it was removed";
  expect(log.lines).toEqual([`error: ${reason}. Check who can write to the queue.`]);
  expect(failed).toEqual([{ what: "intent", reason, final: true }]);
  expect(await left()).toEqual([]);
});

it("a queue of another version, which can't be counted or listed, is no reason for a warning", async () => {
  const { worker, add, log, performed } = setUp({ queue: () => ({ stats: undefined, list: undefined }) });
  await add(request());
  await worker.drain();
  expect(performed).toHaveLength(1);
  expect(log.lines).toEqual([]);
});

describe("an entry under another secret", () => {
  /** A queue that can't tell keys apart, with entries of another application. */
  async function withForeign(...all: Intent[]) {
    const store = memoryStore();
    const other = setUp({ store, secrets: otherSecret });
    await other.add(...all);
    const kit = setUp({
      store,
      queue: ({ lease }) => ({ lease: (limit, now, until) => lease(limit, now, until) }),
    });
    return { ...kit, other };
  }

  it("is looked at again after one to five seconds, at a time that's drawn", async () => {
    const { worker, retries, left } = await withForeign(...numbered(60));
    await worker.drain();
    const pauses = retries.map(([, at]) => at - noon);
    expect(pauses).toHaveLength(60);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(second);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5 * second);
    expect(Math.max(...pauses)).toBeGreaterThan(2 * second);
    expect(new Set((await left()).map(({ failure }) => failure))).toEqual(new Set(["no secret opens it"]));
  });

  it("is dropped at the deadline if it's a request, and said", async () => {
    const { worker, after, log, failed, left } = await withForeign(request());
    await after(2 * hour - 1);
    expect([await left(), failed]).toEqual([[expect.anything()], []]);
    await after(1);
    expect(await left()).toHaveLength(1);
    await after(5 * second);
    expect(await left()).toEqual([]);
    const reason = "No secret opened a queued request within 120 minutes";
    expect(log.lines.at(-1)).toBe(
      `error: ${reason}, so it was dropped. Keep the old secret in \`secret\` until its requests are done.`,
    );
    expect(failed).toEqual([{ what: "intent", reason, final: true }]);
    await worker.drain();
  });

  it("is dropped when it's exactly as old as the deadline", async () => {
    const { after, left } = await withForeign(request());
    await after(2 * hour);
    expect(await left()).toEqual([]);
  });

  it("is never dropped if it follows a changed password", async () => {
    const { after, failed, left } = await withForeign(changed());
    await after(7 * 24 * hour);
    expect([await left(), failed]).toEqual([[expect.objectContaining({ kind: "changed" })], []]);
  });

  it("is a warning every ten minutes", async () => {
    const { after, log } = await withForeign(changed());
    const warnings = async (time: number) => {
      await after(time);
      return log.lines.length;
    };
    expect([await warnings(0), await warnings(5 * minute), await warnings(5 * minute - 1)]).toEqual([
      1, 1, 1,
    ]);
    expect(await warnings(5 * second)).toBe(2);
    expect(log.lines[0]).toMatch(
      /^warn: 1 queued request is encrypted .* a `prefix` of its own\..*`secret`\.$/,
    );
  });

  it("is counted where the queue can tell keys apart, every ten minutes", async () => {
    const store = memoryStore();
    await setUp({ store, secrets: otherSecret }).add(request(), request("grace@example.com"));
    const asked: Parameters<RequestQueue["stats"]>[] = [];
    const kit = setUp({
      store,
      queue: ({ stats }) => ({ stats: (...args) => (asked.push(args), stats(...args)) }),
    });
    const keyIds = await kit.intents.keyIds();
    for (const time of [0, 1, 10 * minute - 2]) await kit.after(time);
    expect(asked).toEqual([[noon, keyIds]]);
    await kit.after(1);
    expect(asked).toEqual([
      [noon, keyIds],
      [noon + 10 * minute, keyIds],
    ]);
    expect(kit.log.lines).toEqual([
      expect.stringMatching(/^warn: 2 queued requests are encrypted with a secret that this process doesn't/),
      expect.stringMatching(/^warn: 2 queued requests are/),
    ]);
  });
});

describe("an entry of the future", () => {
  const put = (queue: RequestQueue, ahead: number, addedAt = noon + ahead) =>
    queue.add({ id: entryId(noon + ahead), sealed: new Uint8Array(), addedAt, dueAt: noon + ahead });

  it("is a warning if it's more than half a minute ahead, whatever else waits", async () => {
    const { worker, queue, add, log } = setUp();
    await add(request());
    await put(queue, 90 * second);
    await worker.drain();
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^warn: A queued request is dated 90 seconds in the future: .* with NTP or chrony\.$/,
      ),
    ]);
  });

  it("is no warning if it's half a minute ahead", async () => {
    const { worker, queue, log } = setUp();
    await put(queue, 40 * second, noon + 30 * second);
    await worker.drain();
    expect(log.lines).toEqual([]);
  });
});

describe("the lease of what is in progress", () => {
  it("is renewed each third of it, for every entry of the piece, even if the queue is away", async () => {
    const release = step<Performed>();
    const { worker, add, retries, left } = setUp({
      perform: () => release.done,
      queue: () => ({ retry: failing("connection refused") }),
    });
    withTimers();
    await add(request(), request());
    const ids = (await left()).map(({ id }) => id);
    const draining = worker.drain();
    await turns();
    await vi.advanceTimersByTimeAsync(10 * second - 1);
    expect(retries).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(retries).toEqual(ids.map((id) => [id, noon + 30 * second]));
    await vi.advanceTimersByTimeAsync(20 * second);
    expect(retries).toHaveLength(6);
    release.end("sent");
    await draining;
    expect(await left()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends with a failure that can't be put into words", async () => {
    const odd = Object.assign(new Error(), { message: Object.create(null) });
    const { worker, add, log } = setUp({ perform: () => Promise.reject(odd) });
    withTimers();
    await add(request());
    await worker.drain();
    expect(vi.getTimerCount()).toBe(0);
    expect(log.lines).toEqual([expect.stringMatching(/^error: The worker can't reach its queue: TypeError/)]);
  });
});

describe("what can't be known yet", () => {
  it("is put off without a failure", async () => {
    let outcome: Performed = "later";
    const { worker, add, performed, after, left, log, failed } = setUp({ perform: async () => outcome });
    await add(request());
    await worker.drain();
    expect(await left()).toEqual([expect.objectContaining({ attempts: 0, failure: undefined })]);
    outcome = "nothing";
    await after(2 * second);
    expect(await left()).toEqual([]);
    expect(performed).toHaveLength(2);
    expect([log.lines, failed]).toEqual([[], []]);
  });
});

describe("a failure", () => {
  it("is in the log, in the event with its request, and in the queue, and is tried again", async () => {
    const { worker, add, log, failed, left } = setUp({ perform: failing("421 <ada@example.com> try later") });
    await add(changed());
    await worker.drain();
    const reason = "Error: 421 <[address]> try later";
    expect(log.lines).toEqual([`error: Email delivery failed: ${reason}`]);
    expect(failed).toEqual([{ what: "deliver", reason, final: false, request: origin, scope: "acme" }]);
    expect(await left()).toEqual([expect.objectContaining({ attempts: 1, failure: reason })]);
  });

  it("of what follows a changed password is named for what it is", async () => {
    const { worker, add, failed } = setUp({ perform: failing("connection refused") });
    await add(finish);
    await worker.drain();
    expect(failed).toMatchObject([{ what: "finish", final: false }]);
  });

  it("is told even if the queue can't be reached to put it off", async () => {
    const { worker, add, failed, log } = setUp({
      perform: failing("421"),
      queue: () => ({ retry: failing("connection refused") }),
    });
    await add(request());
    await worker.drain();
    expect(failed).toMatchObject([{ what: "deliver", reason: "Error: 421" }]);
    expect(log.lines.at(-1)).toBe("error: The worker can't reach its queue: Error: connection refused");
  });

  it("is over with the next email that is sent, and not with one that needn't be", async () => {
    let outcome: Performed | undefined;
    const { worker, add, after, log } = setUp({
      perform: async () => {
        if (outcome) return outcome;
        throw new Error("421");
      },
    });
    await add(request(), request("grace@example.com"), request("bob@example.com", noon - 2 * hour));
    await worker.drain();
    expect(log.lines).toHaveLength(1);
    outcome = "nothing";
    await add(request("eve@example.com"));
    await worker.drain();
    expect(log.lines).toHaveLength(1);
    outcome = "sent";
    await after(2 * second);
    expect(log.lines.slice(1)).toEqual([
      "info: Email delivery recovered, after 3 failed attempts; 1 were dropped.",
    ]);
  });

  it("has nothing to say where every email was sent", async () => {
    const { worker, add, log } = setUp();
    await add(request());
    await worker.drain();
    expect(log.lines).toEqual([]);
  });
});

describe("the pause before the next attempt", () => {
  async function pausesAt(age: number, error: unknown = new Error("421")) {
    const { add, after, retries } = setUp({ perform: () => Promise.reject(error) });
    await add(...numbered(60));
    await after(age);
    expect(retries).toHaveLength(60);
    const pauses = retries.map(([, at]) => at - (noon + age));
    return { least: Math.min(...pauses), most: Math.max(...pauses) };
  }

  it.each([
    ["a second at least", 0, second],
    ["a second", second, second],
    ["as long as it has waited", 100 * second, 100 * second],
    ["ten minutes at most", hour, 10 * minute],
  ])("is %s, give or take a fifth that's drawn", async (_, age, pause) => {
    const { least, most } = await pausesAt(age);
    expect(least).toBeGreaterThanOrEqual(0.8 * pause);
    expect(least).toBeLessThan(pause);
    expect(most).toBeGreaterThan(pause);
    expect(most).toBeLessThanOrEqual(1.2 * pause);
  });

  it.each([
    ["the error", Object.assign(new Error("429"), { retryAfter: 90 }), 90 * second],
    [
      "its cause",
      new Error("no", { cause: Object.assign(new Error("429"), { retryAfter: 90 }) }),
      90 * second,
    ],
    ["what is no error", { retryAfter: 0.5, cause: { retryAfter: 90 } }, second],
    ["the error, for a day", Object.assign(new Error("429"), { retryAfter: 86_400 }), hour],
  ])("is what %s asks for, if that is more, and an hour at most", async (_, error, expected) => {
    const { least, most } = await pausesAt(0, error);
    if (expected > second) expect([least, most]).toEqual([expected, expected]);
    else expect(most).toBeLessThanOrEqual(1.2 * second);
  });

  it.each([
    ["a text", "90"],
    ["nothing", 0],
    ["less than nothing", -90],
    ["no number", Number.NaN],
  ])("isn't what an error asks for with %s", async (_, retryAfter) => {
    const cause = { retryAfter: 30 };
    const own = await pausesAt(0, Object.assign(new Error("429"), { retryAfter }));
    expect(own.most).toBeLessThanOrEqual(1.2 * second);
    // The cause may still ask.
    const { least } = await pausesAt(0, Object.assign(new Error("429"), { retryAfter, cause }));
    expect(least).toBe(30 * second);
  });

  it.each([[null], [undefined], ["421"]])("is the usual one where %j was thrown", async (thrown) => {
    expect((await pausesAt(0, thrown)).most).toBeLessThanOrEqual(1.2 * second);
  });
});

describe("the deadline", () => {
  it("ends a request that wasn't begun before it, and names the other machine's clock", async () => {
    const { add, after, performed, failed, left, log } = setUp();
    await add(request(), request());
    await after(2 * hour);
    expect(performed).toEqual([]);
    expect(await left()).toEqual([]);
    expect(failed).toEqual([
      expect.objectContaining({
        ...{ what: "deliver", final: true },
        reason: expect.stringMatching(
          /^not done within 120 minutes\. .* clock .* that queued it is behind this/,
        ),
      }),
    ]);
    expect(Object.keys(failed[0]!).sort()).toEqual(["final", "reason", "request", "scope", "what"]);
    expect(log.lines).toHaveLength(1);
  });

  it("isn't over a millisecond before it", async () => {
    const { add, after, performed } = setUp();
    await add(request());
    await after(2 * hour - 1);
    expect(performed).toHaveLength(1);
  });

  it("makes a failure the last one", async () => {
    const kit = setUp({
      perform: async () => {
        kit.clock.now += 1;
        throw new Error("421");
      },
    });
    await kit.add(request());
    await kit.after(2 * hour - 1);
    expect(kit.failed).toMatchObject([{ reason: "Error: 421", final: true }]);
    expect(await kit.left()).toEqual([]);
  });

  it("doesn't end what follows a changed password", async () => {
    const { add, after, performed } = setUp();
    await add(changed());
    await after(30 * 24 * hour);
    expect(performed).toHaveLength(1);
  });
});

it("work that never ends has failed after four times the time of a delivery", async () => {
  const { worker, add, failed } = setUp({ perform: () => new Promise(() => undefined) });
  await add(request());
  withTimers();
  const draining = worker.drain();
  await turns();
  await vi.advanceTimersByTimeAsync(8 * minute - 1);
  expect(failed).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await draining;
  expect(failed).toMatchObject([
    { reason: "TimeoutError: The work didn't end within 480 seconds", final: false },
  ]);
});

describe("a running worker", () => {
  /** Runs with timers of its own, and ends. */
  async function running(given: Given, look: (kit: ReturnType<typeof setUp>) => Promise<void>) {
    const kit = setUp(given);
    withTimers();
    // Between two ticks.
    vi.advanceTimersByTime(100);
    const stop = new AbortController();
    let isOver = false;
    const work = kit.worker.run(stop.signal).then(() => (isOver = true));
    await turns();
    await look(kit);
    stop.abort();
    await turns();
    expect(isOver).toBe(true);
    await work;
    return kit;
  }

  it("looks at its queue at each multiple of its tick", async () => {
    const times: number[] = [];
    const queue: Given["queue"] = ({ lease }) => ({
      lease: async (...args) => (times.push(performance.now()), lease(...args)),
    });
    await running({ queue }, async () => {
      await vi.advanceTimersByTimeAsync(1_000);
    });
    const [first, ...later] = times;
    expect(first! % 250).toBe(100);
    expect(later).toHaveLength(4);
    for (const [index, time] of later.entries()) {
      expect(time % 250).toBe(0);
      if (index > 0) expect(time - later[index - 1]!).toBe(250);
    }
  });

  it("goes on when its queue can't be reached, and says when it can be again", async () => {
    let down = true;
    const queue: Given["queue"] = ({ lease }) => ({
      lease: (...args) => (down ? Promise.reject(new Error("connection refused")) : lease(...args)),
    });
    const { log, performed } = await running({ queue }, async ({ add }) => {
      await vi.advanceTimersByTimeAsync(500);
      down = false;
      await add(request());
      await vi.advanceTimersByTimeAsync(500);
    });
    expect(performed).toHaveLength(1);
    expect(log.lines).toEqual([
      "error: The worker can't reach its queue: Error: connection refused",
      "info: The worker reaches its queue again, after 3 failed attempts; 0 were dropped.",
    ]);
  });

  it("cleans up every ten minutes", async () => {
    await running({}, async ({ clock, tidied }) => {
      const tidiedAfter = async (time: number) => {
        clock.now += time;
        await vi.advanceTimersByTimeAsync(250);
        return tidied();
      };
      expect([await tidiedAfter(0), await tidiedAfter(10 * minute - 1), await tidiedAfter(1)]).toEqual([
        ...[0, 0, 1],
      ]);
      expect([await tidiedAfter(10 * minute - 1), await tidiedAfter(1)]).toEqual([1, 2]);
    });
  });

  it("goes on to clean up at its next look where more is left, or where that failed", async () => {
    const outcomes = [async () => false, failing("locked"), async () => true];
    const { log } = await running({ tidy: () => outcomes.shift()!() }, async ({ clock, tidied }) => {
      clock.now += 10 * minute;
      for (const expected of [1, 2, 3, 3]) {
        await vi.advanceTimersByTimeAsync(250);
        expect(tidied()).toBe(expected);
      }
    });
    expect(log.lines[0]).toBe("error: The worker can't reach its queue: Error: locked");
  });

  it("ends with its signal, once what it has in progress is done", async () => {
    const release = step<Performed>();
    const { worker, add, left } = setUp({ perform: () => release.done });
    withTimers();
    await add(request());
    const stop = new AbortController();
    let isOver = false;
    const work = worker.run(stop.signal).then(() => (isOver = true));
    await turns();
    stop.abort();
    await turns();
    expect(isOver).toBe(false);
    release.end("sent");
    await work;
    expect(await left()).toEqual([]);
  });

  it("ends with the round in which it's stopped, without a pause after it", async () => {
    const answer = step<void>();
    const { worker, add, performed } = setUp({
      queue: ({ lease }) => ({
        lease: async (...args) => {
          await answer.done;
          return lease(...args);
        },
      }),
    });
    withTimers();
    await add(request());
    const running = worker.run();
    await turns();
    const stopping = worker.stop();
    answer.end();
    // No timer runs.
    await Promise.all([stopping, running]);
    expect(performed).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("doesn't begin after stop, and neither does drain", async () => {
    const { worker, add, leases, left } = setUp();
    await worker.stop();
    await add(request());
    await worker.run();
    await worker.drain();
    expect(leases).toEqual([]);
    expect(await left()).toHaveLength(1);
  });

  it("waits no longer than a lease for a queue that never answers", async () => {
    const { worker } = setUp({ queue: () => ({ lease: () => new Promise(() => undefined) }) });
    withTimers();
    const stop = new AbortController();
    let isOver = false;
    const work = worker.run(stop.signal).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(5 * minute);
    stop.abort();
    await vi.advanceTimersByTimeAsync(30 * second - 1);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver).toBe(true);
    await work;
  });

  it("gathers no listeners and no timers, however long it runs", async () => {
    const added = vi.spyOn(EventTarget.prototype, "addEventListener");
    await running({}, async () => {
      await vi.advanceTimersByTimeAsync(5 * second);
      const signals = new Set(added.mock.contexts as EventTarget[]);
      expect(added.mock.calls.length).toBeGreaterThan(20);
      for (const signal of signals) expect(getEventListeners(signal, "abort").length).toBeLessThan(2);
      expect(vi.getTimerCount()).toBe(1);
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keeps no process alive", async () => {
    withTimers();
    const timers = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "setInterval")];
    const made = () => timers.flatMap(({ mock }) => mock.results.map(({ value }) => value as NodeJS.Timeout));
    const release = step<Performed>();
    const { worker, add } = setUp({ perform: () => release.done });
    const idle = worker.run();
    await turns();
    expect(made().map((timer) => timer.hasRef())).toEqual([false]);
    await add(request());
    await vi.advanceTimersByTimeAsync(250);
    // The limit of the work itself does: whoever waits for it waits for a promise.
    expect(made().filter((timer) => timer.hasRef())).toHaveLength(1);
    const stopping = worker.stop();
    release.end("sent");
    await stopping;
    await idle;
  });

  it("keeps none alive while it waits for a queue that never answers", async () => {
    const { worker } = setUp({ queue: () => ({ lease: () => new Promise(() => undefined) }) });
    withTimers();
    const timers = vi.spyOn(globalThis, "setTimeout");
    const work = worker.run();
    await turns();
    void worker.stop();
    expect(timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
    await vi.advanceTimersByTimeAsync(31 * second);
    await work;
  });

  it("runs where timers are numbers", async () => {
    const { setTimeout: later, setInterval: again } = globalThis;
    vi.stubGlobal("setTimeout", (...args: Parameters<typeof later>) => Number(later(...args)));
    vi.stubGlobal("setInterval", (...args: Parameters<typeof again>) => Number(again(...args)));
    const { worker, add, left } = setUp();
    await add(request());
    const stop = new AbortController();
    const work = worker.run(stop.signal);
    await expect.poll(left).toEqual([]);
    stop.abort();
    await work;
  });
});

describe("drain", () => {
  it("ends early if its signal aborts, and leaves the rest", async () => {
    const stop = new AbortController();
    const { worker, add, left } = setUp({ perform: async () => (stop.abort(), "sent") });
    await add(...numbered(25));
    await worker.drain(stop.signal);
    expect(await left()).toHaveLength(15);
  });

  it("waits for what another call has begun, or is being handed", async () => {
    const [answer, release] = [step<void>(), step<Performed>()];
    const { worker, add, left } = setUp({
      perform: () => release.done,
      queue: ({ lease }) => ({
        lease: async (...args) => {
          const entries = await lease(...args);
          if (entries.length > 0) await answer.done;
          return entries;
        },
      }),
    });
    await add(request());
    const first = worker.drain();
    await turns();
    const over: string[] = [];
    const whileHanded = worker.drain().then(() => over.push("while handed"));
    await turns();
    answer.end();
    await turns();
    const whileDone = worker.drain().then(() => over.push("while done"));
    await turns();
    expect(over).toEqual([]);
    release.end("sent");
    await Promise.all([first, whileHanded, whileDone]);
    expect(await left()).toEqual([]);
  });

  it("waits for no longer than the round it found, if that has failed", async () => {
    const answer = step<void>();
    let asked = 0;
    const { worker, log } = setUp({
      queue: ({ lease }) => ({
        lease: async (...args) => {
          if (++asked > 1) return lease(...args);
          await answer.done;
          throw new Error("connection refused");
        },
      }),
    });
    withTimers();
    const stop = new AbortController();
    const work = worker.run(stop.signal);
    await turns();
    const draining = worker.drain();
    await turns();
    answer.end();
    await draining;
    stop.abort();
    await work;
    expect(log.lines).toEqual([expect.stringContaining("can't reach its queue")]);
  });

  it("is waited for by stop", async () => {
    const release = step<Performed>();
    const { worker, add } = setUp({ perform: () => release.done });
    await add(request());
    const draining = worker.drain();
    await turns();
    let isOver = false;
    const stopping = worker.stop().then(() => (isOver = true));
    await turns();
    expect(isOver).toBe(false);
    release.end("sent");
    await stopping;
    await draining;
  });
});
