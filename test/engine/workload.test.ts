import { expect, it } from "vitest";
import { createWorkload } from "../../src/engine/workload.js";

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
    while (load.room() > 0) under.push(load.hold(() => load.deliver(all.run)));
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
