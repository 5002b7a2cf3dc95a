import { expect, it } from "vitest";
import { removeInBatches, tidyUp } from "../../src/engine/cleanup.js";
import { memoryStore } from "../../src/stores/memory.js";
import { makeKit, people } from "../kit.js";

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
