import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { memoryStore } from "../../src/stores/memory.js";
import { makeKit, people } from "../kit.js";

/** A worker in its first tick, whose store takes its time to hand something out. */
async function leasing({
  answersLate = false,
  ...options
}: { deliver?: () => Promise<void>; answersLate?: boolean } = {}) {
  const store = memoryStore();
  let asked!: () => void;
  let wasAsked = false;
  const isLeasing = new Promise<void>((resolve) => {
    asked = () => {
      wasAsked = true;
      resolve();
    };
  });
  const queue = {
    ...store.queue!,
    async lease(...args: [number, number, number]) {
      const early = answersLate && !wasAsked && store.queue!.lease(...args);
      asked();
      if (!answersLate || early) await pause(50);
      return early || store.queue!.lease(...args);
    },
  };
  const kit = makeKit(
    { store: { ...store, queue }, worker: "outside", ...options },
    people("ada@example.com", "grace@example.com"),
  );
  const ask = (identifier: string) => kit.reset.request({ identifier });
  await ask("ada@example.com");
  const left = () => store.queue!.lease(9, kit.clock.now + 24 * 3_600_000, 0);
  return { kit, isLeasing, ask, left };
}

it("close, called while the worker is handed something, waits until that is done", async () => {
  const { kit, isLeasing, left } = await leasing();
  void kit.reset.work();
  await isLeasing;
  await kit.reset.close();
  expect(kit.mails).toHaveLength(1);
  expect(await left()).toEqual([]);
});

it("so does work, when its signal says that it is over", async () => {
  const { kit, isLeasing, left } = await leasing();
  const stop = new AbortController();
  const working = kit.reset.work({ signal: stop.signal });
  await isLeasing;
  stop.abort();
  await working;
  expect(kit.mails).toHaveLength(1);
  expect(await left()).toEqual([]);
});

it("what could not be sent when the worker stops is handed back, and so is what comes later", async () => {
  const { kit, isLeasing, ask, left } = await leasing({
    deliver: () => Promise.reject(new Error("the mail server is away")),
  });
  const working = kit.reset.work();
  await isLeasing;
  await kit.reset.close();
  await working;
  await ask("grace@example.com");
  await pause(400);
  expect(await left()).toHaveLength(2);
});

it("a worker does not begin after close", async () => {
  const { kit, left } = await leasing();
  await kit.reset.close();
  await kit.reset.work();
  expect(kit.mails).toEqual([]);
  expect(await left()).toHaveLength(1);
});

it("a queue that does not answer holds a worker no longer than its lease", async () => {
  const store = memoryStore();
  const queue = { ...store.queue!, lease: () => new Promise<never>(() => undefined) };
  const kit = makeKit({
    store: { ...store, queue },
    worker: { mode: "outside", lease: "100ms", tick: "10ms" },
  });
  const stop = new AbortController();
  const working = [kit.reset.work({ signal: stop.signal }), kit.reset.work()];
  await pause(30);
  stop.abort();
  await kit.reset.close();
  await Promise.all(working);
});

it("what a queue hands out after the lease has ended is left to the next who asks", async () => {
  const store = memoryStore();
  const queue = {
    ...store.queue!,
    async lease(...args: [number, number, number]) {
      const leased = await store.queue!.lease(...args);
      if (slow) kit.clock.now += 30_000;
      return leased;
    },
  };
  let slow = true;
  const kit = makeKit({ store: { ...store, queue } });
  await kit.reset.request({ identifier: "ada@example.com" });
  await kit.reset.drain();
  expect(kit.mails).toEqual([]);
  slow = false;
  await kit.reset.drain();
  expect(kit.mails).toHaveLength(1);
});

it("drain waits for what a worker was handed, but has not begun", async () => {
  const { kit, isLeasing } = await leasing({ answersLate: true });
  const working = kit.reset.work();
  await isLeasing;
  await kit.reset.drain();
  expect(kit.mails).toHaveLength(1);
  await kit.reset.close();
  await working;
});
