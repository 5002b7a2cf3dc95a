import { afterEach, describe, expect, it, vi } from "vitest";
import { createWorkload } from "../../src/engine/workload.js";

afterEach(() => void vi.useRealTimers());

/** A step that ends when it's told to. */
function step() {
  let end!: () => void;
  let fail!: (error: Error) => void;
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { run: () => done, end, fail };
}

it("keeps six pieces at the database, and lets go of those that deliver", async () => {
  const load = createWorkload(100);
  expect(load.room()).toBe(6);
  const sending = step();
  const pieces = Array.from({ length: 6 }, () => load.hold(() => load.deliver(sending.run)));
  expect(load.room()).toBe(6);
  sending.end();
  await Promise.all(pieces);
  expect(load.room()).toBe(6);
});

it("begins with sixteen deliveries, doubles while they succeed, and allows half as many after a failure", async () => {
  const load = createWorkload(100);
  const deliveriesAtOnce = async () => {
    const all = step();
    const under: Promise<unknown>[] = [];
    // Where the count is wrong, there would be no end.
    while (load.room() > 0 && under.length < 200) under.push(load.hold(() => load.deliver(all.run)));
    all.end();
    await Promise.all(under);
    return under.length;
  };
  expect(await deliveriesAtOnce()).toBe(16);
  expect(await deliveriesAtOnce()).toBe(32);
  expect(await deliveriesAtOnce()).toBe(64);
  await expect(load.deliver(() => Promise.reject(new Error("421 too many connections")))).rejects.toThrow(
    "421",
  );
  // Half of the hundred, and then a little more each time.
  expect(await deliveriesAtOnce()).toBe(50);
  expect(await deliveriesAtOnce()).toBeLessThan(55);
  for (let i = 0; i < 200; i++) await deliveriesAtOnce();
  expect(await deliveriesAtOnce()).toBe(100);
});

it("never has more in progress than it's allowed, and never less than one", async () => {
  const load = createWorkload(1);
  expect(load.room()).toBe(1);
  for (let i = 0; i < 20; i++) await load.deliver(() => Promise.reject(new Error("away"))).catch(() => {});
  expect(load.room()).toBe(1);
  const first = step();
  let began = 0;
  const both = [load.hold(first.run), load.hold(async () => void began++)];
  expect([load.room(), began]).toEqual([0, 0]);
  first.end();
  await Promise.all(both);
  expect(began).toBe(1);
});

it("says when there is more room", async () => {
  const load = createWorkload(1);
  const first = step();
  const held = load.hold(first.run);
  const more = load.more();
  first.end();
  await more;
  await held;
  expect(load.room()).toBe(1);
});

it("runs two notes at a time, in the order they came", async () => {
  const load = createWorkload(100);
  const steps = [step(), step(), step()];
  const begun: number[] = [];
  const notes = steps.map(({ run }, index) =>
    load.note(() => {
      begun.push(index);
      return run();
    }),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  steps[1]!.end();
  await notes[1];
  expect(begun).toEqual([0, 1, 2]);
  for (const { end } of steps) end();
  await Promise.all(notes);
});

it("keeps the place of a decoy for as long as deliveries took lately, so that others can't tell by waiting", async () => {
  const load = createWorkload(1);
  const timeOf = async (work: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await load.hold(work);
    return performance.now() - startedAt;
  };
  const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 300));
  const nothing = async () => {};
  // Nothing is known yet.
  await load.imitate(nothing);
  await load.deliver(slow);
  expect(await timeOf(() => load.imitate(nothing))).toBeGreaterThan(295);
  // Whoever comes next waits for a decoy as for a delivery.
  const decoy = load.hold(() => load.imitate(nothing));
  expect(load.room()).toBe(0);
  expect(await timeOf(nothing)).toBeGreaterThan(250);
  await decoy;
});

it("forgets how long deliveries took long ago, and what failed", async () => {
  const load = createWorkload(1);
  await load.deliver(() => new Promise<void>((resolve) => setTimeout(resolve, 300)));
  await load.deliver(() => new Promise((_, reject) => setTimeout(reject, 300))).catch(() => {});
  for (let n = 0; n < 64; n++) await load.deliver(async () => {});
  const startedAt = performance.now();
  await load.imitate(async () => {});
  expect(performance.now() - startedAt).toBeLessThan(250);
});

describe("room", () => {
  it("is bounded by the number of deliveries, however many places there are at the database", async () => {
    for (const [most, expected] of [
      [4, 4],
      [8, 6],
    ] as const) {
      const load = createWorkload(most);
      expect(load.room()).toBe(expected);
      const all = step();
      const under: Promise<unknown>[] = [];
      while (load.room() > 0 && under.length < 200) under.push(load.hold(() => load.deliver(all.run)));
      expect(under).toHaveLength(most);
      all.end();
      await Promise.all(under);
      expect(load.room()).toBe(expected);
    }
  });

  it("doesn't grow beyond the database's places with deliveries that hold none", async () => {
    const load = createWorkload(100);
    const sending = step();
    const delivery = load.deliver(sending.run);
    expect(load.room()).toBe(6);
    sending.end();
    await delivery;
  });

  it("is a place again where a piece fails", async () => {
    const load = createWorkload(100);
    await expect(load.hold(() => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(load.room()).toBe(6);
  });

  it("is halved by a dry run that fails, as by a delivery", async () => {
    const load = createWorkload(4);
    await load.imitate(() => Promise.reject(new Error("away"))).catch(() => undefined);
    expect(load.room()).toBe(2);
  });

  it("grows by a little after a failure: four deliveries' worth for as many as are allowed", async () => {
    const load = createWorkload(16);
    await load.deliver(() => Promise.reject(new Error("421"))).catch(() => undefined);
    const allowed = () => {
      const pieces: Promise<unknown>[] = [];
      const all = step();
      while (load.room() > 0 && pieces.length < 200)
        pieces.push(load.hold(() => load.deliver(all.run).catch(() => undefined)));
      all.fail(new Error("421"));
      return Promise.all(pieces).then(() => pieces.length);
    };
    // 8, and then 8.5, 8.97, and 9.42.
    for (let n = 0; n < 3; n++) await load.deliver(async () => {});
    expect(await allowed()).toBe(9);
  });

  it("is told once there is more: when a piece begins to deliver, and when it ends", async () => {
    const load = createWorkload(100);
    const [looking, sending] = [step(), step()];
    const piece = load.hold(async () => {
      await looking.run();
      await load.deliver(sending.run);
    });
    const told: string[] = [];
    void load.more().then(() => told.push("delivers"));
    await Promise.resolve();
    expect(told).toEqual([]);
    looking.end();
    await expect.poll(() => told).toEqual(["delivers"]);
    void load.more().then(() => told.push("ended"));
    await Promise.resolve();
    expect(told).toHaveLength(1);
    sending.end();
    await piece;
    expect(told).toEqual(["delivers", "ended"]);
  });
});

describe("notes", () => {
  it("that fail leave their place to the next", async () => {
    const load = createWorkload(100);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, (_, n) =>
        load.note(async () => {
          if (n < 3) throw new Error("away");
          return n;
        }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...["rejected", "rejected", "rejected", "fulfilled", "fulfilled"],
    ]);
  });

  it("are two at a time again, however many there were", async () => {
    const load = createWorkload(100);
    for (let round = 0; round < 3; round++) {
      const steps = Array.from({ length: 4 }, step);
      let begun = 0;
      const notes = steps.map(({ run }) => load.note(() => (begun++, run())));
      await Promise.resolve();
      expect(begun).toBe(2);
      for (const { end } of steps) end();
      await Promise.all(notes);
      expect(begun).toBe(4);
    }
  });
});

describe("a dry run", () => {
  const withTimers = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const taking = (time: number) => () =>
    time === 0 ? Promise.resolve() : new Promise<void>((resolve) => setTimeout(resolve, time));

  /** How long some work takes, in milliseconds of the timers. */
  async function timeOf(work: Promise<unknown>): Promise<number> {
    const startedAt = performance.now();
    let isOver = false;
    void work.then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(0);
    for (let n = 0; !isOver && n < 1_000; n++) await vi.advanceTimersByTimeAsync(1);
    return isOver ? performance.now() - startedAt : Infinity;
  }

  it.each([
    ["a delivery that took none takes none", 0, 0, 0],
    ["a delivery of a millisecond takes one", 1, 0, 1],
    ["a delivery takes the rest of it", 300, 100, 300],
    ["a delivery that was faster takes no longer than itself", 100, 300, 300],
  ])("after %s", async (_, delivery, dryRun, expected) => {
    const load = createWorkload(100);
    withTimers();
    await timeOf(load.deliver(taking(delivery)));
    expect(await timeOf(load.imitate(taking(dryRun)))).toBe(expected);
  });

  it("gives what it was to give", async () => {
    const load = createWorkload(100);
    expect(await load.deliver(async () => "sent")).toBe("sent");
    expect(await load.imitate(async () => "dry")).toBe("dry");
  });

  it("takes as long as any of the last 64 deliveries, drawn anew each time", async () => {
    const load = createWorkload(100);
    withTimers();
    const drawn = async () => {
      const times = new Set<number>();
      for (let n = 0; n < 200; n++) times.add(await timeOf(load.imitate(taking(0))));
      return times;
    };
    for (const time of [20, 10]) for (let n = 0; n < 32; n++) await timeOf(load.deliver(taking(time)));
    expect(await drawn()).toEqual(new Set([20, 10]));
    // These take the places of the first.
    for (let n = 0; n < 32; n++) await load.deliver(taking(0));
    expect(await drawn()).toEqual(new Set([10, 0]));
  });
});
