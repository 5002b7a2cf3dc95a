/**
 * What a store guarantees about counters: every hit counts once, and a window starts with its first hit.
 *
 * @module
 */
import assert from "node:assert/strict";
import { crowd, minute, simultaneously, start } from "./samples.js";
import type { StoreCase } from "./case.js";

const window = { per: minute, now: start };

export const counterCases: readonly StoreCase[] = [
  {
    name: "hits count up within a window that lasts from the first of them",
    async run({ counters }) {
      assert.deepEqual({ ...(await counters.hit("a", window)) }, { count: 1, resetAt: start + minute });
      const last = { per: minute, now: start + minute - 1 };
      assert.deepEqual({ ...(await counters.hit("a", last)) }, { count: 2, resetAt: start + minute });
      assert.deepEqual(
        { ...(await counters.hit("a", { ...last, by: 3 })) },
        { count: 5, resetAt: start + minute },
      );
    },
  },
  {
    name: "a window is over at its resetAt, and the next hit opens a new one",
    async run({ counters }) {
      await counters.hit("a", { ...window, by: 9 });
      const next = await counters.hit("a", { per: 2 * minute, now: start + minute });
      assert.deepEqual({ ...next }, { count: 1, resetAt: start + 3 * minute });
    },
  },
  {
    name: "keys are compared as bytes, whatever is in them",
    async run({ counters }) {
      const keys = [
        "a",
        "A",
        "a ",
        "ä",
        "a\u0308",
        "é",
        "e",
        "1",
        "01",
        "a:b",
        "{a}",
        "x".repeat(300),
        "x".repeat(301),
      ];
      for (const [i, key] of keys.entries()) await counters.hit(key, { ...window, by: i + 1 });
      const counts = await Promise.all(keys.map((key) => counters.hit(key, { ...window, by: 0 })));
      assert.deepEqual(
        counts.map(({ count }) => count),
        keys.map((_, i) => i + 1),
      );
    },
  },
  {
    name: "a refund takes hits back, never below 0",
    async run({ counters }) {
      await counters.hit("a", { ...window, by: 2 });
      const back = { per: minute, now: start + 1, by: -1 };
      for (const count of [1, 0, 0]) {
        assert.deepEqual({ ...(await counters.hit("a", back)) }, { count, resetAt: start + minute });
      }
      assert.equal((await counters.hit("a", { ...window, by: 5 })).count, 5);
      assert.equal((await counters.hit("a", { ...back, by: -9 })).count, 0);
    },
  },
  {
    name: "neither a refund nor a look (by 0) opens a window",
    async run({ counters }) {
      await counters.hit("closed", window);
      for (const key of ["new", "closed"]) {
        for (const by of [-1, 0]) {
          const none = await counters.hit(key, { per: minute, now: start + minute, by });
          assert.deepEqual({ ...none }, { count: 0, resetAt: start + 2 * minute });
        }
        const first = await counters.hit(key, { per: minute, now: start + minute + 1 });
        assert.deepEqual({ ...first }, { count: 1, resetAt: start + 2 * minute + 1 });
      }
    },
  },
  {
    name: `of ${crowd} simultaneous hits each gets a count of its own`,
    async run({ counters }) {
      const counts = await simultaneously(crowd, async () => (await counters.hit("a", window)).count);
      counts.sort((a, b) => a - b);
      assert.deepEqual(
        counts,
        Array.from({ length: crowd }, (_, i) => i + 1),
      );
      const later = { per: minute, now: start + minute };
      const again = await simultaneously(crowd, async () => (await counters.hit("a", later)).count);
      assert.equal(Math.max(...again), crowd);
      assert.equal(new Set(again).size, crowd);
    },
  },
  {
    name: "removeExpired removes windows that closed before the moment, no more than the limit, and counts them",
    async run({ counters }) {
      for (const key of ["a", "b", "c"]) await counters.hit(key, { ...window, by: 7 });
      await counters.hit("later", { per: minute, now: start + 1, by: 7 });
      assert.equal(await counters.removeExpired(start + minute, 100), 0);
      assert.equal(await counters.removeExpired(start + minute + 1, 2), 2);
      assert.equal(await counters.removeExpired(start + minute + 1, 100), 1);
      assert.equal(await counters.removeExpired(start + minute + 1, 100), 0);
      assert.equal((await counters.hit("later", { per: minute, now: start + 2 })).count, 8);
    },
  },
  {
    name: "removeByPrefix, where there is one, removes windows by how their key begins, no more than the limit",
    async run({ counters }) {
      if (!counters.removeByPrefix) return;
      const keys = ["limit.a", "limit.B", "limit._", "limit", "limit/", "Limit.a", "limi", "other.limit.a"];
      for (const key of keys) await counters.hit(key, window);
      assert.equal(await counters.removeByPrefix("limit.", 2), 2);
      assert.equal(await counters.removeByPrefix("limit.", 100), 1);
      assert.equal(await counters.removeByPrefix("limit.", 100), 0);
      const left = await Promise.all(keys.map((key) => counters.hit(key, { ...window, by: 0 })));
      assert.deepEqual(
        left.map(({ count }) => count),
        [0, 0, 0, 1, 1, 1, 1, 1],
      );
      assert.equal((await counters.hit("limit.a", window)).count, 1);
    },
  },
];
