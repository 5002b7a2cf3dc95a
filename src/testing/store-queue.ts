/**
 * What a store promises of its queue: what was added is handed out, to one worker at a time, until done.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { QueueEntry } from "../types.js";
import { bytes, crowd, entry, minute, queueOf, same, simultaneously, start } from "./store-samples.js";
import type { StoreCase } from "./store-suite.js";

export const queueCases: readonly StoreCase[] = [
  {
    name: "an entry comes back as it was added, whatever its bytes",
    needs: "queue",
    async run(store) {
      const sealed = Uint8Array.from({ length: 6_000 }, (_, i) => (i * 7) ^ (i >> 8));
      await queueOf(store).add(entry(1, { sealed, id: "0190b5f07b1a7c3e8f00ffffffffffff" }));
      const [leased, ...rest] = await queueOf(store).lease(10, start + 1, start + minute);
      same(rest, []);
      same(leased, entry(1, { sealed, id: "0190b5f07b1a7c3e8f00ffffffffffff" }));
    },
  },
  {
    name: "lease hands out what is due, what has been due for longest first, no more than the limit",
    needs: "queue",
    async run(store) {
      const queue = queueOf(store);
      for (const number of [3, 1, 4, 2]) await queue.add(entry(number));
      await queue.add(entry(5, { dueAt: start }));
      await queue.add(entry(6, { dueAt: start + 1_000 }));
      await queue.add(entry(0, { dueAt: start + 4 }));
      assert.deepEqual(await queue.lease(9, start - 1, start + minute), []);
      assert.deepEqual(numbers(await queue.lease(3, start + 999, start + minute)), [5, 1, 2]);
      assert.deepEqual(numbers(await queue.lease(9, start + 999, start + minute)), [3, 0, 4]);
      assert.deepEqual(numbers(await queue.lease(9, start + 1_000, start + minute)), [6]);
    },
  },
  {
    name: "a leased entry is handed out again at the end of its lease, and not before",
    needs: "queue",
    async run(store) {
      const queue = queueOf(store);
      await queue.add(entry(1));
      assert.deepEqual(numbers(await queue.lease(1, start + 1, start + 100)), [1]);
      assert.deepEqual(await queue.lease(1, start + 99, start + 200), []);
      assert.deepEqual(numbers(await queue.lease(1, start + 100, start + 200)), [1]);
    },
  },
  {
    name: "what is done is not handed out again, and can be done twice",
    needs: "queue",
    async run(store) {
      const queue = queueOf(store);
      await queue.add(entry(1));
      await queue.add(entry(2));
      await queue.lease(2, start + 2, start + 100);
      await queue.done(entry(1).id);
      await queue.done(entry(1).id);
      assert.deepEqual(numbers(await queue.lease(2, start + 100, start + 200)), [2]);
    },
  },
  {
    name: "retry makes an entry due at another time: later, a longer lease, or sooner",
    needs: "queue",
    async run(store) {
      const queue = queueOf(store);
      await queue.add(entry(1));
      await queue.lease(1, start + 1, start + 100);
      await queue.retry(entry(1).id, start + 300);
      assert.deepEqual(await queue.lease(1, start + 299, start + 999), []);
      const [again] = await queue.lease(1, start + 300, start + 999);
      assert.equal(again?.addedAt, start + 1);
      same(again?.sealed, bytes(48, 1));
      await queue.retry(entry(1).id, start + 301);
      assert.deepEqual(numbers(await queue.lease(1, start + 301, start + 999)), [1]);
      await queue.done(entry(1).id);
      await queue.retry(entry(1).id, start);
      assert.deepEqual(await queue.lease(1, start + minute, start + minute + 1), []);
    },
  },
  {
    name: `${crowd} entries go to 20 simultaneous workers, each entry to one`,
    needs: "queue",
    async run(store) {
      const queue = queueOf(store);
      await simultaneously(crowd, (i) => queue.add(entry(i)));
      const seen: number[] = [];
      await simultaneously(20, async () => {
        for (;;) {
          const leased = await queue.lease(7, start + minute, start + 2 * minute);
          if (leased.length === 0) return;
          assert.ok(leased.length <= 7);
          seen.push(...numbers(leased));
        }
      });
      seen.sort((a, b) => a - b);
      assert.deepEqual(
        seen,
        Array.from({ length: crowd }, (_, i) => i),
      );
    },
  },
  {
    name: "removeExpired removes what was added before the moment, due or not, no more than the limit, and counts it",
    needs: "queue",
    async run(store) {
      const queue = queueOf(store);
      for (const number of [1, 2, 3, 4]) await queue.add(entry(number, { dueAt: start + minute }));
      assert.equal(await queue.removeExpired(start + 1, 100), 0);
      assert.equal(await queue.removeExpired(start + 4, 2), 2);
      assert.equal(await queue.removeExpired(start + 4, 100), 1);
      assert.equal(await queue.removeExpired(start + 4, 100), 0);
      assert.deepEqual(numbers(await queue.lease(9, start + minute, start + 2 * minute)), [4]);
    },
  },
];

function numbers(entries: readonly QueueEntry[]): number[] {
  return entries.map(({ id }) => Number.parseInt(id, 16));
}
