/**
 * What a store guarantees about `put` below the limit and at it: which rows are evicted, and when a row is rejected.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  accepted,
  bytes,
  code,
  crowd,
  fill,
  hour,
  minute,
  present,
  row,
  rule,
  same,
  simultaneously,
  start,
} from "./samples.js";
import type { StoreCase } from "./case.js";

export const roomCases: readonly StoreCase[] = [
  {
    name: "put stores as many rows as maxLive, and then says over_cap and changes nothing",
    async run(store) {
      await fill(store, [row(1, accepted), row(2, accepted), row(3, accepted)]);
      assert.equal(await store.tokens.put(row(4), rule()), "over_cap");
      assert.deepEqual(await present(store, [1, 2, 3, 4]), [1, 2, 3]);
      assert.equal(await store.tokens.put(row(4, { userId: "grace" }), rule()), "stored");
    },
  },
  {
    name: "an expired row makes room first; a row is over at the moment of its expiry",
    async run(store) {
      await fill(store, [
        row(1, { delivery: "failed", createdAt: start - 3 * hour }),
        row(2, { ...accepted, createdAt: start - 2 * hour }),
        row(3, { ...accepted, createdAt: start - hour, expiresAt: start + 1, code: code(3) }),
      ]);
      await store.tokens.put(row(4, accepted), rule({ now: start }));
      assert.deepEqual(await present(store, [1, 2, 3, 4]), [2, 3, 4]);
      assert.equal(await store.tokens.put(row(5), rule({ now: start + 1 })), "stored");
      assert.deepEqual(await present(store, [2, 3, 4, 5]), [2, 4, 5]);
      assert.equal(await store.tokens.find(code(3).lookup), null);
    },
  },
  {
    name: "then the oldest row whose mail failed",
    async run(store) {
      await fill(store, [
        row(1, { ...accepted, createdAt: start - 3 }),
        row(2, { delivery: "failed", createdAt: start - 1 }),
        row(3, { delivery: "failed", createdAt: start - 2 }),
      ]);
      for (const [number, left] of [
        [4, [1, 2, 4]],
        [5, [1, 4, 5]],
      ] as const) {
        assert.equal(await store.tokens.put(row(number, accepted), rule()), "stored");
        assert.deepEqual(await present(store, [1, 2, 3, 4, 5]), left);
      }
      assert.equal(await store.tokens.put(row(6), rule()), "over_cap");
    },
  },
  {
    name: "a row that is pending for longer than pendingFor is taken for failed",
    async run(store) {
      await fill(store, [row(1), row(2, { ...accepted, createdAt: start + 1 })]);
      const at = (now: number) => store.tokens.put(row(3, { createdAt: now }), rule({ now, maxLive: 2 }));
      assert.equal(await at(start + 5 * minute), "over_cap");
      assert.equal(await at(start + 5 * minute + 1), "stored");
      assert.deepEqual(await present(store, [1, 2, 3]), [2, 3]);
    },
  },
  {
    name: "the new row is all that is left of the one that made way for it",
    async run(store) {
      await fill(store, [row(1, { delivery: "failed", code: code(1), ip: "192.0.2.1", userAgent: "old" })]);
      await store.tokens.lease(bytes(16, 1), start + 2 * hour, start);
      const next = row(2, { createdAt: start + hour });
      assert.equal(await store.tokens.put(next, rule({ now: start + hour, maxLive: 1 })), "stored");
      same(await store.tokens.find(bytes(16, 2)), next);
      same(await store.tokens.liveOf("ada", { scope: "", now: start + hour }), [next]);
      assert.equal(await store.tokens.find(code(1).lookup), null);
    },
  },
  {
    name: "after maxLive was lowered, all rows too many that failed make way at once",
    async run(store) {
      const failed = (number: number) => row(number, { delivery: "failed", createdAt: start + number });
      await fill(store, [failed(1), failed(2), row(3, accepted), failed(4)]);
      assert.equal(await store.tokens.put(row(5), rule({ maxLive: 2 })), "stored");
      assert.deepEqual(await present(store, [1, 2, 3, 4, 5]), [3, 5]);
    },
  },
  {
    name: "a lookup that exists is taken, for every account, and nothing changes",
    async run(store) {
      await fill(store, [row(1, { delivery: "failed" })]);
      await fill(store, [row(2, { userId: "grace" })]);
      const again = (number: number, maxLive: number) =>
        store.tokens.put(row(number, accepted), rule({ maxLive }));
      assert.equal(await again(1, 3), "taken");
      assert.equal(await again(2, 3), "taken");
      assert.equal(await again(1, 1), "taken");
      assert.equal(await again(2, 1), "taken");
      same(await store.tokens.find(bytes(16, 1)), row(1, { delivery: "failed" }));
      same(await store.tokens.find(bytes(16, 2)), row(2, { userId: "grace" }));
    },
  },
  {
    name: "a code that exists is taken, for every account, and nothing changes",
    async run(store) {
      await fill(store, [row(1, { code: code(1), delivery: "failed" })]);
      await fill(store, [row(2, { code: code(2), userId: "grace" })]);
      for (const [number, maxLive] of [
        [1, 3],
        [2, 3],
        [1, 1],
        [2, 1],
      ] as const) {
        assert.equal(await store.tokens.put(row(3, { code: code(number) }), rule({ maxLive })), "taken");
      }
      assert.deepEqual(await present(store, [1, 2, 3]), [1, 2]);
    },
  },
  {
    name: `of ${crowd} simultaneous calls of put exactly maxLive store`,
    async run({ tokens }) {
      const ends = await simultaneously(crowd, (i) => tokens.put(row(i), rule()));
      assert.equal(ends.filter((end) => end === "stored").length, 3);
      assert.equal(ends.filter((end) => end === "over_cap").length, crowd - 3);
      assert.equal((await tokens.liveOf("ada", { scope: "", now: start })).length, 3);
    },
  },
  {
    name: `of ${crowd} accounts that are given the same lookup at once one gets it`,
    async run({ tokens }) {
      const ends = await simultaneously(crowd, (i) => tokens.put(row(1, { userId: i }), rule()));
      assert.equal(ends.filter((end) => end === "stored").length, 1);
      assert.equal(ends.filter((end) => end === "taken").length, crowd - 1);
    },
  },
];
