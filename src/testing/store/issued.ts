/**
 * What a store guarantees about rows that the application issues (`issueFor`): one at a time, and they don't count against
 * the limit.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Store, TokenRow } from "../../types.js";
import {
  accepted,
  bytes,
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

const all = [1, 2, 3, 4, 5];

function issued(number: number, changes: Partial<TokenRow> = {}): TokenRow {
  return row(number, { issued: true, ...changes });
}

function issue({ tokens }: Store, number: number, changes: Partial<TokenRow> = {}, now = start) {
  return tokens.put(issued(number, { createdAt: now, ...changes }), rule({ now }));
}

export const issuedCases: readonly StoreCase[] = [
  {
    name: "an issued row comes back as one, wherever it's read, and a request's row doesn't",
    async run(store) {
      const rows = [row(1), issued(2, { createdAt: start + 1 })];
      for (const one of rows) assert.equal(await store.tokens.put(one, rule()), "stored");
      same(await store.tokens.find(bytes(16, 2)), rows[1]);
      same(await store.tokens.liveOf("ada", { scope: "", now: start }), rows);
      const listed = await store.tokens.list({ limit: 9 });
      assert.deepEqual(
        listed.map((one) => [one.lookup[0], one.issued === true]).sort(),
        [
          [bytes(16, 1)[0], false],
          [bytes(16, 2)[0], true],
        ].sort(),
      );
    },
  },
  {
    name: "an issued row doesn't count against maxLive, and finds its place when that is reached",
    async run(store) {
      assert.equal(await issue(store, 1), "stored");
      for (const number of [2, 3, 4]) assert.equal(await store.tokens.put(row(number), rule()), "stored");
      assert.equal(await store.tokens.put(row(5), rule()), "over_cap");
      await store.tokens.finish(bytes(16, 1));
      assert.equal(await issue(store, 5), "stored");
      assert.deepEqual(await present(store, all), [2, 3, 4, 5]);
    },
  },
  {
    name: "requests never replace an issued row, however old or undelivered it is",
    async run(store) {
      assert.equal(await issue(store, 1, { delivery: "failed" }), "stored");
      await fill(
        store,
        [2, 3, 4].map((number) => row(number, { ...accepted, createdAt: start + number })),
      );
      const now = start + 2 * hour;
      assert.equal(await store.tokens.put(row(5, { createdAt: now }), rule({ now })), "successor");
      await store.tokens.delivered(bytes(16, 5), true, { maxLive: 3 });
      assert.deepEqual(await present(store, all), [1, 3, 4, 5]);
      await store.tokens.delivered(bytes(16, 5), true, { maxLive: 1 });
      assert.deepEqual(await present(store, all), [1, 5]);
    },
  },
  {
    name: "a second issued row becomes a successor at once, and replaces the first when it was accepted",
    async run(store) {
      await fill(store, [row(1, accepted)]);
      await issue(store, 2, accepted);
      assert.equal(await issue(store, 3), "successor");
      assert.deepEqual(await present(store, all), [1, 2, 3]);
      // Only one issued row remains, regardless of the limit for requests.
      await store.tokens.delivered(bytes(16, 3), true, { maxLive: 3 });
      assert.deepEqual(await present(store, all), [1, 3]);
      assert.equal(await issue(store, 4), "successor");
      await store.tokens.delivered(bytes(16, 4), false);
      assert.deepEqual(await present(store, all), [1, 3, 4]);
      assert.equal(await issue(store, 5), "successor");
      assert.deepEqual(await present(store, all), [1, 3, 5]);
    },
  },
  {
    name: "an issued row whose email is pending makes way for the next, and an accepted one beside it stays",
    async run(store) {
      assert.equal(await issue(store, 1), "stored");
      assert.equal(await issue(store, 2), "successor");
      assert.deepEqual(await present(store, all), [2]);
      await store.tokens.delivered(bytes(16, 2), true, { maxLive: 3 });
      assert.equal(await issue(store, 3), "successor");
      assert.equal(await issue(store, 4), "successor");
      assert.deepEqual(await present(store, all), [2, 4]);
    },
  },
  {
    name: "an issued row that expired, failed, or was pending for too long makes way like any other",
    async run(store) {
      await issue(store, 1, { ...accepted, expiresAt: start + minute });
      assert.equal(await issue(store, 2, { delivery: "failed" }, start + minute), "stored");
      assert.equal(await issue(store, 3, {}, start + minute), "stored");
      assert.equal(await issue(store, 4, {}, start + 7 * minute), "stored");
      assert.deepEqual(await present(store, all), [4]);
    },
  },
  {
    name: "removeByUser and finish remove issued rows as well",
    async run(store) {
      await fill(store, [row(1)]);
      await issue(store, 2, accepted);
      await issue(store, 3);
      assert.equal(await store.tokens.finish(bytes(16, 3)), true);
      assert.equal(await store.tokens.removeByUser("ada", { scope: "" }), 2);
      assert.deepEqual(await present(store, all), []);
    },
  },
  {
    name: `of ${crowd} rows that are issued at once one is left, beside one that was accepted`,
    async run(store) {
      const ends = await simultaneously(crowd, (i) => issue(store, 10 + i));
      assert.equal(ends.filter((end) => end === "stored").length, 1);
      assert.equal(ends.filter((end) => end === "successor").length, crowd - 1);
      const live = () => store.tokens.liveOf("ada", { scope: "", now: start });
      const [left, ...more] = await live();
      assert.ok(left && more.length === 0);
      await store.tokens.delivered(left.lookup, true, { maxLive: 3 });
      const again = await simultaneously(crowd, (i) => issue(store, 1_000 + i));
      assert.equal(again.filter((end) => end === "successor").length, crowd);
      assert.equal((await live()).length, 2);
      assert.notEqual(await store.tokens.find(left.lookup), null);
    },
  },
];
