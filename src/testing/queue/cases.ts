/**
 * What a queue guarantees: an entry is leased to one worker at a time, until it's done.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { QueueEntry } from "../../types.js";
import { queueStatusCases } from "./status.js";
import type { QueueCase } from "./case.js";
import { bytes, crowd, entry, same, simultaneously } from "../store/samples.js";

export const queueCases: readonly QueueCase[] = [
  {
    name: "an entry comes back as it was added, whatever its bytes",
    async run(queue, time) {
      const sealed = Uint8Array.from({ length: 6_000 }, (_, i) => (i * 7) ^ (i >> 8));
      const added = entry(1, {
        sealed,
        id: "0190b5f07b1a7c3e8f00ffffffffffff",
        addedAt: time.at(0) - 1,
        dueAt: time.at(0),
        kind: "finish",
        keyId: "Kx-_7q0aB1c",
      });
      await queue.add(added);
      const [leased, ...rest] = await queue.lease(10, await time.reach(1), time.at(3));
      same(rest, []);
      same(leased, added);
      const [again] = await queue.lease(10, await time.reach(3), time.at(60));
      same(again, { ...added, dueAt: time.at(3) });
    },
  },
  {
    name: "an entry of version 0.1.0 has neither kind nor key id, and is leased whichever key ids are asked for",
    async run(queue, time) {
      const old = entry(1, { addedAt: time.at(0), dueAt: time.at(0) });
      await queue.add(old);
      same(await queue.lease(10, await time.reach(1), time.at(60), ["ours"]), [old]);
    },
  },
  {
    name: "an id that is there already is an error, and its entry stays as it is",
    async run(queue, time) {
      const first = entry(1, { addedAt: time.at(0), dueAt: time.at(0), kind: "request" });
      await queue.add(first);
      await assert.rejects(queue.add({ ...first, sealed: bytes(48, 2), dueAt: time.at(9) }));
      same(await queue.lease(10, await time.reach(1), time.at(60)), [first]);
    },
  },
  {
    name: "lease hands out what is due, what has been due for longest first, no more than the limit",
    async run(queue, time) {
      const due = (number: number, step: number) =>
        entry(number, { addedAt: time.at(0), dueAt: time.at(step) });
      for (const [number, step] of [
        [3, 4],
        [1, 2],
        [4, 6],
        [2, 3],
        [5, 1],
        [6, 8],
        [0, 5],
      ] as const) {
        await queue.add(due(number, step));
      }
      assert.deepEqual(await queue.lease(9, await time.reach(0), time.at(60)), []);
      assert.deepEqual(numbers(await queue.lease(3, await time.reach(7), time.at(60))), [5, 1, 2]);
      assert.deepEqual(numbers(await queue.lease(9, await time.reach(7), time.at(60))), [3, 0, 4]);
      assert.deepEqual(numbers(await queue.lease(9, await time.reach(8), time.at(60))), [6]);
    },
  },
  {
    name: "a leased entry is handed out again at the end of its lease, and not before",
    async run(queue, time) {
      await queue.add(entry(1, { addedAt: time.at(0), dueAt: time.at(0) }));
      assert.deepEqual(numbers(await queue.lease(1, await time.reach(1), time.at(3))), [1]);
      assert.deepEqual(await queue.lease(1, await time.reach(2), time.at(4)), []);
      assert.deepEqual(numbers(await queue.lease(1, await time.reach(3), time.at(4))), [1]);
    },
  },
  {
    name: "what is done is not handed out again, and can be done twice",
    async run(queue, time) {
      for (const number of [1, 2, 3]) {
        await queue.add(entry(number, { addedAt: time.at(0), dueAt: time.at(0) }));
      }
      await queue.done(entry(3).id);
      assert.deepEqual(sorted(numbers(await queue.lease(3, await time.reach(1), time.at(2)))), [1, 2]);
      await queue.done(entry(1).id);
      await queue.done(entry(1).id);
      assert.deepEqual(numbers(await queue.lease(2, await time.reach(2), time.at(60))), [2]);
    },
  },
  {
    name: "retry makes an entry due at another time: later, a longer lease, or sooner",
    async run(queue, time) {
      await queue.add(entry(1, { addedAt: time.at(0) - 7, dueAt: time.at(0) }));
      await queue.lease(1, await time.reach(1), time.at(2));
      await queue.retry(entry(1).id, time.at(4));
      assert.deepEqual(await queue.lease(1, await time.reach(3), time.at(60)), []);
      const [again] = await queue.lease(1, await time.reach(4), time.at(60));
      assert.equal(again?.addedAt, time.at(0) - 7);
      same(again?.sealed, bytes(48, 1));
      await queue.retry(entry(1).id, time.at(5));
      assert.deepEqual(numbers(await queue.lease(1, await time.reach(5), time.at(6))), [1]);
      await queue.done(entry(1).id);
      await queue.retry(entry(1).id, time.at(0));
      assert.deepEqual(await queue.lease(1, await time.reach(6), time.at(7)), []);
    },
  },
  {
    name: `${crowd} entries go to 20 simultaneous workers, each entry to one`,
    async run(queue, time) {
      await simultaneously(crowd, (i) => queue.add(entry(i, { addedAt: time.at(0), dueAt: time.at(0) })));
      const now = await time.reach(1);
      const seen: number[] = [];
      await simultaneously(20, async () => {
        for (;;) {
          const leased = await queue.lease(7, now, time.at(600));
          if (leased.length === 0) return;
          assert.ok(leased.length <= 7);
          seen.push(...numbers(leased));
        }
      });
      assert.deepEqual(
        sorted(seen),
        Array.from({ length: crowd }, (_, i) => i),
      );
    },
  },
  {
    name: "what is done while others lease it is done for good, or the queue says that it is not",
    async run(queue, time) {
      const now = await time.reach(0);
      // Sample: 40 rounds of 6 concurrent calls on one entry, with leases that end immediately.
      for (let round = 0; round < 40; round++) {
        const met = entry(round, { addedAt: now, dueAt: now });
        await queue.add(met);
        const doing = Promise.allSettled([queue.lease(1, now, now), queue.done(met.id)]);
        await simultaneously(4, () => queue.lease(1, now, now));
        const [, done] = await doing;
        if (done.status === "rejected") await queue.done(met.id);
        assert.deepEqual(await queue.lease(1, now, time.at(60)), [], `round ${round}`);
      }
    },
  },
  {
    name: "with key ids, lease skips entries under others, however many of them are due",
    needs: "keyIds",
    async run(queue, time) {
      const times = { addedAt: time.at(0), dueAt: time.at(0) };
      const now = await time.reach(1);
      // Four at a time, so that the database's other clients aren't kept waiting.
      await simultaneously(4, async (share) => {
        for (let i = share; i < 1_500; i += 4) await queue.add(entry(i, { ...times, keyId: "theirs" }));
      });
      const later = { addedAt: time.at(0), dueAt: now };
      await queue.add(entry(2_000, { ...later, keyId: "ours" }));
      await queue.add(entry(2_001, { ...later, keyId: "ours before" }));
      const keyIds = ["ours", "ours before"];
      assert.deepEqual(numbers(await queue.lease(1, await time.reach(2), time.at(600), keyIds)), [2_000]);
      assert.deepEqual(numbers(await queue.lease(9, await time.reach(2), time.at(600), keyIds)), [2_001]);
      assert.deepEqual(await queue.lease(9, await time.reach(2), time.at(600), keyIds), []);
      assert.equal((await queue.lease(9, await time.reach(2), time.at(600), ["theirs"])).length, 9);
    },
  },
  {
    name: "removeExpired removes requests that were added before the moment, due or not, no more than the limit",
    async run(queue, time) {
      const start = time.at(0) - 10;
      for (const number of [1, 2, 3, 4]) {
        await queue.add(entry(number, { addedAt: start + number, dueAt: time.at(2), kind: "request" }));
      }
      assert.equal(await queue.removeExpired(start + 1, 100), 0);
      assert.equal(await queue.removeExpired(start + 4, 2), 2);
      assert.equal(await queue.removeExpired(start + 4, 100), 1);
      assert.equal(await queue.removeExpired(start + 4, 100), 0);
      assert.deepEqual(numbers(await queue.lease(9, await time.reach(2), time.at(60))), [4]);
    },
  },
  {
    name: "removeExpired leaves every other kind, and entries of none, however old",
    async run(queue, time) {
      const kinds = ["finish", "changed", "issue", undefined, "request"] as const;
      for (const [i, kind] of kinds.entries()) {
        await queue.add(entry(i, { addedAt: time.at(0) - 10 + i, dueAt: time.at(0), kind }));
      }
      // With a limit of one: entries that stay must not hide expired requests behind them.
      assert.equal(await queue.removeExpired(time.at(0), 1), 1);
      assert.equal(await queue.removeExpired(time.at(0), 100), 0);
      assert.deepEqual(sorted(numbers(await queue.lease(9, await time.reach(1), time.at(60)))), [0, 1, 2, 3]);
    },
  },
  ...queueStatusCases,
];

function numbers(entries: readonly QueueEntry[]): number[] {
  return entries.map(({ id }) => Number.parseInt(id, 16));
}

const sorted = (some: readonly number[]) => [...some].sort((a, b) => a - b);
