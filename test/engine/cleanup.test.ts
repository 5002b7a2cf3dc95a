import { afterEach, describe, expect, it, vi } from "vitest";
import { removeInBatches, removersOf, tidyUp } from "../../src/engine/cleanup.js";
import { memoryStore } from "../../src/stores/memory.js";
import { makeKit, people } from "../kit.js";

afterEach(() => void vi.useRealTimers());

/** Rows to be removed, by batches that take so long. */
function table(rows: number, time = 0) {
  const state = { rows, batches: 0 };
  const remove = async (limit: number) => {
    state.batches++;
    if (time > 0) await new Promise((resolve) => setTimeout(resolve, time));
    const removed = Math.min(limit, state.rows);
    state.rows -= removed;
    return removed;
  };
  return { state, remove };
}

it("a worker's look removes what it can in its time, and says whether anything is left", async () => {
  const [small, large] = [table(3), table(1e9)];
  expect(await tidyUp([small.remove, large.remove])).toBe(false);
  expect(small.state.rows).toBe(0);
  expect(large.state.rows).toBeLessThan(1e9);
  expect(await tidyUp([small.remove])).toBe(true);
});

it("each table has its turn, however slow the one before it is", async () => {
  const [slow, next] = [table(1e9, 60), table(5)];
  expect(await tidyUp([slow.remove, next.remove])).toBe(false);
  expect(slow.state.batches).toBe(1);
  expect(next.state.rows).toBe(0);
});

it("the looks that follow remove the rest", async () => {
  const { state, remove } = table(2_000);
  let looks = 1;
  while (!(await tidyUp([remove]))) looks++;
  expect(state.rows).toBe(0);
  expect(looks).toBeLessThan(200);
});

it("ends when it's told to", async () => {
  const { state, remove } = table(1e9);
  const { removed, isDone } = await removeInBatches(
    [remove],
    () => {},
    () => state.batches === 3,
  );
  expect({ isDone, batches: state.batches, removed: 1e9 - removed }).toEqual({
    isDone: false,
    batches: 3,
    removed: state.rows,
  });
});

it("a worker whose clock was set forward in the middle of it removes what expired by that at its next look", async () => {
  const store = memoryStore();
  let looks = 0;
  const tokens = {
    ...store.tokens,
    async removeExpired(now: number, limit: number) {
      const removed = await store.tokens.removeExpired(now, limit);
      if (++looks === 1) kit.clock.now += 7 * 24 * 3_600_000;
      return removed;
    },
  };
  const kit = makeKit(
    { store: { ...store, tokens }, worker: { mode: "outside", tick: "10ms" } },
    people("ada@example.com"),
  );
  await kit.reset.request({ identifier: "ada@example.com" });
  await kit.reset.drain();
  const stop = new AbortController();
  const working = kit.reset.work({ signal: stop.signal });
  kit.clock.now += 11 * 60_000;
  await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(1);
  stop.abort();
  await working;
  expect(await store.tokens.removeExpired(kit.clock.now, 9)).toBe(0);
});

describe("what there is to remove", () => {
  const noon = Date.UTC(2026, 0, 15, 12);
  const deadline = 2 * 3_600_000;

  function setUp(count: number, hasTokens = true) {
    const calls: [what: string, before: number, limit: number][] = [];
    const part = (what: string) => ({
      removeExpired: async (before: number, limit: number) => (calls.push([what, before, limit]), count),
    });
    const stale: number[] = [];
    const parts = {
      ...{ tokens: hasTokens ? part("tokens") : undefined, counters: part("counters"), queue: part("queue") },
    } as unknown as Parameters<typeof removersOf>[0];
    const removers = removersOf(
      parts,
      () => noon,
      deadline,
      async (many) => void stale.push(many),
    );
    return { calls, stale, run: () => Promise.all(removers.map((remove) => remove(7))) };
  }

  it("is what has expired by now, and what has waited for twice the deadline", async () => {
    const { calls, stale, run } = setUp(3);
    expect(await run()).toEqual([3, 3, 3]);
    expect(calls).toEqual([
      ["tokens", noon, 7],
      ["counters", noon, 7],
      ["queue", noon - 2 * deadline, 7],
    ]);
    expect(stale).toEqual([3]);
  });

  it("is nothing where nothing has, and nothing is said", async () => {
    const { stale, run } = setUp(0);
    expect(await run()).toEqual([0, 0, 0]);
    expect(stale).toEqual([]);
  });

  it("may be no tokens", async () => {
    expect(await setUp(2, false).run()).toEqual([0, 2, 2]);
  });
});

describe("a batch", () => {
  /** Time passes where it's told to. */
  const withTimers = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });

  /** The sizes of the first batches, each of which blocks the process for a time, and then takes some more. */
  async function sizesWith(count: number, times: (index: number) => readonly [blocks: number, more: number]) {
    withTimers();
    const sizes: number[] = [];
    const remove = (limit: number) => {
      const [blocks, more] = times(sizes.length);
      sizes.push(limit);
      vi.advanceTimersByTime(blocks);
      return Promise.resolve().then(() => {
        vi.advanceTimersByTime(more);
        return sizes.length < count ? limit : 0;
      });
    };
    const removing = removeInBatches(
      [remove],
      () => undefined,
      () => false,
    );
    await vi.runAllTimersAsync();
    await removing;
    return sizes;
  }

  it.each([
    ["grows while it takes no time, from a hundred on", 0, 0, [10, 100, 120, 144, 173]],
    ["grows slowly where it blocks for no more than a millisecond", 1, 0, [10, 12, 14, 17, 20]],
    ["stays as small as can be where it blocks for longer", 2, 0, [10, 10, 10]],
    ["grows where it takes ten milliseconds of a server", 0, 10, [10, 100, 120, 144]],
    ["stays at a hundred where a server takes longer", 0, 11, [10, 100, 100]],
    ["is a server's where it blocks for half of its time", 1, 1, [10, 100, 120]],
  ] as const)("%s", async (_, blocks, more, sizes) => {
    expect(await sizesWith(sizes.length, () => [blocks, more])).toEqual(sizes);
  });

  it("grows to a thousand rows, and is halved when it has become too slow", async () => {
    const sizes = await sizesWith(20, (index) => [0, index === 16 ? 11 : 0]);
    expect(sizes.slice(14)).toEqual([1_000, 1_000, 1_000, 500, 600, 720]);
  });

  it("is followed by a pause of two milliseconds, and by none after the last", async () => {
    withTimers();
    const progress: [removed: number, time: number][] = [];
    const [large, small] = [table(25), table(3)];
    const startedAt = performance.now();
    const removing = removeInBatches(
      [large.remove, small.remove],
      (removed) => void progress.push([removed, performance.now() - startedAt]),
      () => false,
    );
    await vi.runAllTimersAsync();
    expect(await removing).toEqual({ removed: 28, isDone: true });
    expect(progress).toEqual([
      [10, 0],
      [25, 2],
      [28, 2],
    ]);
  });

  it("that is full is followed by another, which may find nothing", async () => {
    withTimers();
    const { state, remove } = table(10);
    const removing = tidyUp([remove]);
    await vi.runAllTimersAsync();
    expect([await removing, state.batches]).toEqual([true, 2]);
  });

  it.each([
    [8, 6],
    [10, 5],
  ])(
    "that takes %i milliseconds is the last of a worker's look once fifty are over",
    async (time, batches) => {
      withTimers();
      const [slow, next] = [table(1e9, time), table(1e9, time)];
      const looking = tidyUp([slow.remove, next.remove]);
      await vi.runAllTimersAsync();
      expect(await looking).toBe(false);
      expect([slow.state.batches, next.state.batches]).toEqual([batches, batches]);
    },
  );

  it("isn't done if an earlier table isn't, whatever the later ones are", async () => {
    withTimers();
    for (const order of [
      [table(1e9, 60), table(3)],
      [table(3), table(1e9, 60)],
    ]) {
      const looking = tidyUp(order.map(({ remove }) => remove));
      await vi.runAllTimersAsync();
      expect(await looking).toBe(false);
    }
  });
});
