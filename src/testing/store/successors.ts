/**
 * What a store guarantees about successors: at the limit, a new row is added to the valid ones, and replaces one once its
 * email is accepted.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Store } from "../../types.js";
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

const all = [1, 2, 3, 4, 5, 6];
/** Late enough for a successor. */
const later = start + 2 * hour;

/** Puts three accepted rows, which is the limit. Row 1 is the newest, and row 2 the oldest. */
async function fillToLimit(store: Store): Promise<void> {
  await fill(store, [
    row(1, { ...accepted, createdAt: start + 3 }),
    row(2, { ...accepted, createdAt: start + 1, code: code(2) }),
    row(3, { ...accepted, createdAt: start + 2 }),
  ]);
}

function putAt({ tokens }: Store, number: number, now: number, changes: Parameters<typeof rule>[0] = {}) {
  return tokens.put(row(number, { createdAt: now }), rule({ now, ...changes }));
}

export const successorCases: readonly StoreCase[] = [
  {
    name: "at the limit, a row becomes a successor beside the valid ones if the newest is older than quietFor",
    async run(store) {
      await fillToLimit(store);
      assert.equal(await putAt(store, 4, start + 3 + hour), "over_cap");
      assert.deepEqual(await present(store, all), [1, 2, 3]);
      assert.equal(await putAt(store, 4, start + 4 + hour), "successor");
      assert.deepEqual(await present(store, all), [1, 2, 3, 4]);
      same(await store.tokens.find(bytes(16, 4)), row(4, { createdAt: start + 4 + hour }));
      assert.notEqual(await store.tokens.find(code(2).lookup), null);
    },
  },
  {
    name: "a second successor is refused while one is pending, and one more is let in once that was accepted",
    async run(store) {
      await fillToLimit(store);
      assert.equal(await putAt(store, 4, later), "successor");
      const quiet = { quietFor: minute };
      assert.equal(await putAt(store, 5, later + 2 * minute, quiet), "over_cap");
      assert.deepEqual(await present(store, all), [1, 2, 3, 4]);
      await store.tokens.delivered(bytes(16, 4), true, { maxLive: 3 });
      assert.equal(await putAt(store, 5, later + 2 * minute, quiet), "successor");
      assert.deepEqual(await present(store, all), [1, 3, 4, 5]);
    },
  },
  {
    name: "a successor whose email was accepted replaces the oldest row, and its code",
    async run(store) {
      await fillToLimit(store);
      await putAt(store, 4, later);
      await store.tokens.delivered(bytes(16, 4), true, { maxLive: 3 });
      assert.deepEqual(await present(store, all), [1, 3, 4]);
      assert.equal((await store.tokens.find(bytes(16, 4)))?.delivery, "accepted");
      assert.equal(await store.tokens.find(code(2).lookup), null);
    },
  },
  {
    name: "it replaces rows whose email failed before older ones, and never itself",
    async run(store) {
      await fillToLimit(store);
      await putAt(store, 4, later);
      await store.tokens.delivered(bytes(16, 1), false);
      await store.tokens.delivered(bytes(16, 4), true, { maxLive: 3 });
      assert.deepEqual(await present(store, all), [2, 3, 4]);
      await store.tokens.delivered(bytes(16, 4), true, { maxLive: 1 });
      assert.deepEqual(await present(store, all), [4]);
      await store.tokens.delivered(bytes(16, 4), true, { maxLive: 1 });
      assert.deepEqual(await present(store, all), [4]);
    },
  },
  {
    name: "delivered without replace removes nothing, be the email accepted or not",
    async run(store) {
      await fillToLimit(store);
      await putAt(store, 4, later);
      await store.tokens.delivered(bytes(16, 4), false);
      assert.deepEqual(await present(store, all), [1, 2, 3, 4]);
      await store.tokens.delivered(bytes(16, 4), true);
      assert.deepEqual(await present(store, all), [1, 2, 3, 4]);
    },
  },
  {
    name: "a successor whose email failed, or was never heard of again, makes way for the next",
    async run(store) {
      await fillToLimit(store);
      await putAt(store, 4, later);
      await store.tokens.delivered(bytes(16, 4), false);
      assert.equal(await putAt(store, 5, later + hour), "over_cap");
      assert.equal(await putAt(store, 5, later + 2 * hour), "successor");
      assert.deepEqual(await present(store, all), [1, 2, 3, 5]);
      assert.equal(await putAt(store, 6, later + 4 * hour), "successor");
      assert.deepEqual(await present(store, all), [1, 2, 3, 6]);
    },
  },
  {
    name: "a successor that is gone when its email is accepted replaces nothing",
    async run(store) {
      await fillToLimit(store);
      await putAt(store, 4, later);
      await store.tokens.finish(bytes(16, 4));
      await store.tokens.delivered(bytes(16, 4), true, { maxLive: 1 });
      assert.deepEqual(await present(store, all), [1, 2, 3]);
    },
  },
  {
    name: "a successor replaces rows of its own account and scope only",
    async run(store) {
      await fill(store, [row(1, accepted)]);
      await fill(store, [row(2, { ...accepted, userId: "grace" })]);
      await fill(store, [row(3, { ...accepted, scope: "acme" })]);
      assert.equal(await putAt(store, 4, later, { maxLive: 1 }), "successor");
      await store.tokens.delivered(bytes(16, 4), true, { maxLive: 1 });
      assert.deepEqual(await present(store, all), [2, 3, 4]);
    },
  },
  {
    name: "a lowered maxLive ends no valid row until a successor was accepted, and then holds",
    async run(store) {
      await fill(
        store,
        [1, 2, 3, 4].map((number) => row(number, { ...accepted, createdAt: start + number })),
      );
      const lowered = { maxLive: 2 };
      assert.equal(await putAt(store, 5, start + 5, lowered), "over_cap");
      assert.equal(await putAt(store, 5, later, lowered), "successor");
      assert.deepEqual(await present(store, all), [1, 2, 3, 4, 5]);
      await store.tokens.delivered(bytes(16, 5), true, lowered);
      assert.deepEqual(await present(store, all), [4, 5]);
      assert.equal(await putAt(store, 6, later + 1, lowered), "over_cap");
    },
  },
  {
    name: `of ${crowd} simultaneous calls of put at the limit one becomes a successor`,
    async run(store) {
      await fillToLimit(store);
      const ends = await simultaneously(crowd, (i) => putAt(store, 10 + i, later));
      assert.equal(ends.filter((end) => end === "successor").length, 1);
      assert.equal(ends.filter((end) => end === "over_cap").length, crowd - 1);
      assert.deepEqual(await present(store, [1, 2, 3]), [1, 2, 3]);
      assert.equal((await store.tokens.liveOf("ada", { scope: "", now: later })).length, 4);
    },
  },
  {
    name: `${crowd} simultaneous reports that a successor was accepted replace one row`,
    async run(store) {
      await fillToLimit(store);
      await putAt(store, 4, later);
      await simultaneously(crowd, () => store.tokens.delivered(bytes(16, 4), true, { maxLive: 3 }));
      assert.deepEqual(await present(store, all), [1, 3, 4]);
    },
  },
];
