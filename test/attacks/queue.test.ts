import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore } from "resetkit/stores/memory";
import type { ResetError } from "resetkit";
import type { Message, RequestQueue } from "resetkit/types";
import { makeKit, people, type Person } from "../kit.js";

// Nothing that anyone can request grows without a bound, or tells who has an account.

describe("the queue", () => {
  it.each(["ada@example.com", "nobody@example.com"])(
    "A58, X24: holds three waiting requests of one spelling, known or not: %s",
    async (identifier) => {
      const store = memoryStore();
      const { reset } = makeKit({ store });
      for (let n = 0; n < 400; n++) await reset.request({ identifier });
      expect(await store.queue!.stats(Number.MAX_SAFE_INTEGER)).toMatchObject({ waiting: 3 });
      await reset.drain();
      expect(await store.queue!.list({ limit: 10 })).toEqual([]);
      // Once they were taken, three more may wait.
      for (let n = 0; n < 9; n++) await reset.request({ identifier });
      expect(await store.queue!.stats(Number.MAX_SAFE_INTEGER)).toMatchObject({ waiting: 3 });
    },
  );

  it("X23: another spelling has its own places, so nobody can push the owner's request out", async () => {
    const { reset, mails } = makeKit();
    for (let n = 0; n < 50; n++) await reset.request({ identifier: "ADA@example.com" });
    await reset.request({ identifier: "ada@example.com" });
    await reset.drain();
    expect(mails).toHaveLength(2);
  });

  it("is open again a minute after a crash took the note of what was taken", async () => {
    const store = memoryStore();
    const { reset, clock } = makeKit({ store });
    for (let n = 0; n < 4; n++) await reset.request({ identifier: "ada@example.com" });
    clock.now += 60_000;
    await reset.request({ identifier: "ada@example.com" });
    expect(await store.queue!.stats(clock.now)).toMatchObject({ waiting: 4 });
  });
});

describe("a flood", () => {
  // A queue that takes long to count is counted less often. By this clock it takes no time, however busy the machine is.
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  const worker = { mode: "outside", maxWaiting: 1_000 } as const;
  /** Requests for as many unknown addresses, of as many networks as are given; returns how many were refused. */
  async function flood(
    { reset, clock }: ReturnType<typeof makeKit>,
    count: number,
    ipOf: (n: number) => string,
  ) {
    let refused = 0;
    for (let n = 0; n < count; n++) {
      clock.now += 1_001;
      await reset
        .request({ identifier: `nobody${n}@example.com` }, { ip: ipOf(n) })
        .catch((error: ResetError) => {
          expect(error.code).toBe("throttled");
          expect(error.retryAfter).toBeGreaterThan(0);
          refused++;
        });
      // The queue is counted in the background.
      await Promise.resolve();
    }
    return refused;
  }

  it("of one network is refused once other requests wait, and another network's isn't", async () => {
    const kit = makeKit({ worker });
    expect(await flood(kit, 10, (n) => `203.0.113.${n}`)).toBe(0);
    // A minute has 59 of these requests, of which 30 are taken.
    expect(await flood(kit, 100, (n) => `203.0.113.${n}`)).toBeGreaterThan(35);
    expect(await flood(kit, 1, () => "192.0.2.7")).toBe(0);
    expect(await flood(kit, 1, () => "2001:db8:1::1")).toBe(0);
  });

  it("of many networks fills the queue to maxWaiting, is an alarm, and refuses known and unknown alike", async () => {
    const store = memoryStore();
    const kit = makeKit({ store, worker: { ...worker, maxWaiting: 100 } });
    const alarms: unknown[] = [];
    kit.reset.on("alarm", (alarm) => void alarms.push(alarm));
    expect(await flood(kit, 150, (n) => `198.51.${n}.7`)).toBe(49);
    expect(await store.queue!.stats(kit.clock.now)).toMatchObject({ waiting: 101 });
    expect(alarms).toEqual([
      {
        what: "queue_full",
        reason: expect.stringMatching(/^100 requests are waiting .* worker.maxWaiting \(100\)$/),
      },
    ]);
    await expect(kit.reset.request({ identifier: "ada@example.com" })).rejects.toMatchObject({
      code: "throttled",
    });
    await kit.reset.issueFor(kit.byId.get(1)!);
    await kit.reset.drain();
    kit.clock.now += 1_001;
    expect(await flood(kit, 2, () => "192.0.2.7")).toBe(1);
    expect(kit.mails).toMatchObject([{ kind: "reset", address: "ada@example.com" }]);
  });

  it("that is over refuses nobody, however long no request came to count the queue", async () => {
    const kit = makeKit({ worker: { ...worker, maxWaiting: 100 } });
    expect(await flood(kit, 150, (n) => `198.51.${n}.7`)).toBe(49);
    await kit.reset.drain();
    kit.clock.now += 11_000;
    await kit.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.7" });
  });

  it("during which a count of the queue never ends keeps no request waiting for it", async () => {
    const store = memoryStore();
    let hangs = false;
    const stats: RequestQueue["stats"] = (...args) =>
      hangs ? new Promise(() => undefined) : store.queue!.stats(...args);
    const kit = makeKit({
      store: { ...store, queue: { ...store.queue!, stats } },
      worker: { ...worker, maxWaiting: 100 },
    });
    expect(await flood(kit, 150, (n) => `198.51.${n}.7`)).toBe(49);
    hangs = true;
    kit.clock.now += 11_000;
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    try {
      const request = kit.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.7" });
      const outcome = request.catch(({ code }: ResetError) => code);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await outcome).toBe("unavailable");
    } finally {
      vi.useFakeTimers({ toFake: ["performance"] });
    }
    hangs = false;
    await kit.reset.drain();
    kit.clock.now += 11_000;
    await kit.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.7" });
  });
});

describe("who has an account", () => {
  it("notifyUnknown never says that there's no account to the owner of one that can't be reset", async () => {
    const accounts = people("ada@example.com");
    accounts.byId.get(1)!.active = false;
    const kit = makeKit({ notifyUnknown: true }, accounts);
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    await kit.reset.request({ identifier: "nobody@example.com" });
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([
      { kind: "ineligible", address: "ada@example.com" },
      { kind: "unknown", address: "nobody@example.com" },
    ]);
  });

  it("X07: a wrong code asks users.mayReset of nobody; a right one does", async () => {
    const { storedTokens } = await import("resetkit/tokens/stored");
    const { randomNumber } = await import("resetkit/tokens/generators");
    const accounts = people("ada@example.com");
    let asks = 0;
    accounts.users.mayReset = () => (asks++, true);
    const kit = makeKit({ tokens: storedTokens({ generator: randomNumber() }) }, accounts);
    const { code } = await kit.ask("ada@example.com");
    asks = 0;
    await kit.reset.validate({ token: "1", identifier: "ada@example.com" });
    expect(asks).toBe(0);
    expect(await kit.reset.validate({ token: code!, identifier: "ada@example.com" })).toBe(true);
    expect(asks).toBe(1);
  });

  it("X05: a url that depends on the user costs an unknown account the same work", async () => {
    let dryRuns = 0;
    const deliver = Object.assign(() => undefined, { dryRun: () => void dryRuns++ });
    const url = (user: Person) => `https://${user.email.split("@")[1]}/reset/{token}`;
    const { reset } = makeKit({ deliver, url });
    for (const identifier of ["ada@example.com", "nobody@example.com"]) {
      await reset.request({ identifier });
      await reset.drain();
    }
    expect(dryRuns).toBe(1);
  });
});

describe("A48: a message with a token", () => {
  it("doesn't print it, and can be read and copied", async () => {
    let message: Message<Person> | undefined;
    const { reset } = makeKit({ deliver: (given) => void (message = given) });
    await reset.request({ identifier: "ada@example.com" });
    await reset.drain();
    const { token, url } = message as { token: string; url: string };
    expect(url).toContain(token);
    for (const printed of [JSON.stringify({ message }), inspect(message), inspect([message], { depth: 9 })]) {
      expect(printed).toContain("[hidden]");
      expect(printed).not.toContain(token);
    }
    expect({ ...message }).toMatchObject({ token, url });
  });
});
