import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { createBacklog } from "../../src/engine/backlog.js";
import { memoryStore } from "../../src/stores/memory.js";
import { secret } from "../kit.js";

// How long a count of the queue takes is measured, so this clock stands still, too: a busy machine changes nothing.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  // As in a process that has run for a while.
  vi.advanceTimersByTime(60_000);
});
afterEach(() => void vi.useRealTimers());

const home = "192.0.2.7";

/** A queue that's crowded from its tenth request on, and full with the thousandth. */
function setUp(count: () => unknown = () => undefined) {
  const { queue, counters } = memoryStore();
  const clock = { now: Date.UTC(2026, 0, 15, 12) };
  const names = new Set<string>();
  let counts = 0;
  const backlog = createBacklog({
    queue: {
      ...queue!,
      async stats(now) {
        counts++;
        await count();
        return queue!.stats(now);
      },
    },
    counters: { ...counters, hit: (name, use) => (names.add(name), counters.hit(name, use)) },
    keys: createKeyring(secret),
    clock: () => clock.now,
    maxWaiting: 1_000,
    alarm: () => undefined,
  });
  let waiting = 0;
  const add = async (howMany: number) => {
    for (; howMany > 0; howMany--) {
      const id = String(waiting++).padStart(32, "0");
      await queue!.add({ id, sealed: new Uint8Array(1), addedAt: clock.now, dueAt: clock.now });
    }
  };
  const empty = async () => {
    for (const { id } of await queue!.list({ limit: 1_000 })) await queue!.done(id);
  };
  /** "in", or the seconds to wait. What was begun in the background has ended then. */
  const ask = async (ip: string | undefined) => {
    const answer = await backlog(ip).then(
      () => "in" as const,
      ({ retryAfter }) => retryAfter as number,
    );
    await eventLoop();
    return answer;
  };
  const askTimes = async (times: number, ipOf: (n: number) => string | undefined = () => home) => {
    const answers: (number | "in")[] = [];
    for (let n = 0; n < times; n++) answers.push(await ask(ipOf(n)));
    return answers;
  };
  /** The first request has the queue counted, so the next one meets what it found. */
  const crowded = async (howMany = 10) => {
    await add(howMany);
    expect(await ask("198.51.100.1")).toBe("in");
  };
  return { backlog, clock, ask, askTimes, crowded, empty, names, counts: () => counts };
}

const eventLoop = () => new Promise((resolve) => setImmediate(resolve));
const ins = (count: number) => Array.from({ length: count }, () => "in");

describe("the queue is counted", () => {
  it("in the background: no request waits for it while the queue is short", async () => {
    let end!: (value?: unknown) => void;
    const isEnded = new Promise((resolve) => (end = resolve));
    const { backlog } = setUp(() => isEnded);
    const first = await Promise.race([backlog(home).then(() => "in"), eventLoop().then(() => "waits")]);
    end();
    expect(first).toBe("in");
  });

  it("once a second, however many requests come", async () => {
    const { clock, askTimes, counts } = setUp();
    await askTimes(5);
    clock.now += 999;
    await askTimes(5);
    expect(counts()).toBe(1);
    clock.now += 1;
    await askTimes(5);
    expect(counts()).toBe(2);
  });

  it.each([
    [200, 4_000],
    [400, 8_000],
    [2_000, 10_000],
  ])("less often if that takes long: %i ms, every %i ms", async (takes, pause) => {
    const { clock, ask, counts } = setUp(() => void vi.advanceTimersByTime(takes));
    await ask(home);
    clock.now += pause - 1;
    await ask(home);
    expect(counts()).toBe(1);
    clock.now += 1;
    await ask(home);
    expect(counts()).toBe(2);
  });

  it("again immediately if the clock was set back by more than a minute", async () => {
    const { clock, ask, counts } = setUp();
    await ask(home);
    // The next count is due in a second.
    clock.now -= 59_000;
    await ask(home);
    expect(counts()).toBe(1);
    clock.now -= 1;
    await ask(home);
    expect(counts()).toBe(2);
  });
});

describe("a network", () => {
  it("may add any number of requests while less than a hundredth of the queue is taken", async () => {
    const { crowded, askTimes } = setUp();
    await crowded(9);
    expect(await askTimes(40)).toEqual(ins(40));
  });

  it("may add thirty a minute from then on, and is told how long to wait", async () => {
    const { clock, crowded, ask, askTimes } = setUp();
    await crowded();
    expect(await askTimes(30)).toEqual(ins(30));
    expect(await ask(home)).toBe(60);
    clock.now += 7_500;
    expect(await ask(home)).toBe(53);
    clock.now += 52_500;
    expect(await ask(home)).toBe("in");
  });

  it("is a /24 of IPv4, even if another one has the same digits", async () => {
    const { crowded, ask, askTimes } = setUp();
    await crowded();
    expect(await askTimes(31, (n) => `1.23.4.${n}`)).toEqual([...ins(30), 60]);
    expect(await ask("12.3.4.1")).toBe("in");
    expect(await ask("1.23.5.1")).toBe("in");
  });

  it("is a /48 of IPv6", async () => {
    const { crowded, ask, askTimes } = setUp();
    await crowded();
    expect(await askTimes(31, (n) => `2001:db8:7:${n}::1`)).toEqual([...ins(30), 60]);
    expect(await ask("2001:db8:8::1")).toBe("in");
  });

  it("isn't what all clients without an IP address are", async () => {
    const { crowded, askTimes } = setUp();
    await crowded();
    expect(await askTimes(40, () => undefined)).toEqual(ins(40));
    // Control: those with one are limited.
    expect(await askTimes(31)).toEqual([...ins(30), 60]);
  });

  it("is rejected by a count that's ten seconds old, and has an older one renewed first", async () => {
    for (const [age, answer] of [
      [10_000, 50],
      [10_001, "in"],
    ] as const) {
      const { clock, crowded, empty, ask, askTimes } = setUp();
      await crowded();
      expect(await askTimes(31)).toEqual([...ins(30), 60]);
      await empty();
      clock.now += age;
      expect(await ask(home)).toBe(answer);
      // The count that was begun by it found nothing.
      expect(await ask(home)).toBe("in");
    }
  });

  it("isn't rejected by an old count while no new one succeeds: the store's error ends it", async () => {
    let isDown = false;
    const down = new Error("connect ECONNREFUSED 127.0.0.1:5432");
    const { ask, backlog, clock, crowded, empty } = setUp(() => {
      if (isDown) throw down;
    });
    await crowded(1_000);
    expect(await ask(home)).toBe(60);
    await empty();
    clock.now += 17 * 60_000;
    isDown = true;
    await expect(backlog(home)).rejects.toBe(down);
    // Nor until the next count, which isn't begun for every request.
    await expect(backlog(home)).rejects.toBe(down);
    isDown = false;
    clock.now += 1_000;
    expect(await ask(home)).toBe("in");
  });

  it("is counted under the same name by every version, so that two of them count together during a deployment", async () => {
    const { crowded, ask, names } = setUp();
    await crowded();
    await ask(home);
    expect([...names]).toEqual(["gGsEhfRZXW5ZF72xbNDVbg"]);
  });
});
