/**
 * What a queue reports about itself: how many entries are waiting, since when, and which keep failing.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { QueueCase } from "./case.js";
import { entry, same } from "../store/samples.js";

export const queueStatusCases: readonly QueueCase[] = [
  {
    name: "stats counts what is due and not leased, and says when the oldest of it was added",
    async run(queue, time) {
      same(await queue.stats(await time.reach(0)), { waiting: 0, oldestAt: undefined, foreign: 0 });
      for (const [number, dueAt] of [
        [1, 0],
        [2, 0],
        [3, 1],
        [4, 20],
      ] as const) {
        await queue.add(entry(number, { addedAt: time.at(0) - 10 + number, dueAt: time.at(dueAt) }));
      }
      const now = await time.reach(1);
      same(await queue.stats(now), { waiting: 3, oldestAt: time.at(0) - 9, foreign: 0 });
      await queue.lease(1, now, time.at(3));
      same(await queue.stats(now), { waiting: 2, oldestAt: time.at(0) - 8, foreign: 0 });
      same(await queue.stats(await time.reach(3)), { waiting: 3, oldestAt: time.at(0) - 9, foreign: 0 });
      for (const number of [1, 2, 3]) await queue.done(entry(number).id);
      same(await queue.stats(await time.reach(3)), { waiting: 0, oldestAt: undefined, foreign: 0 });
    },
  },
  {
    name: "stats counts what is under none of the key ids, due or not; entries of no key id are everyone's",
    async run(queue, time) {
      const times = { addedAt: time.at(0), dueAt: time.at(0) };
      await queue.add(entry(1, { ...times, keyId: "ours" }));
      await queue.add(entry(2, times));
      await queue.add(entry(3, { ...times, keyId: "theirs" }));
      await queue.add(entry(4, { ...times, dueAt: time.at(20), keyId: "another's" }));
      const now = await time.reach(1);
      const waiting = { waiting: 3, oldestAt: time.at(0) };
      same(await queue.stats(now, ["ours"]), { ...waiting, foreign: 2 });
      same(await queue.stats(now, ["ours", "theirs"]), { ...waiting, foreign: 1 });
      same(await queue.stats(now), { ...waiting, foreign: 0 });
    },
  },
  {
    name: "retry with a failure counts the attempt and keeps the last reason; without one it does neither",
    async run(queue, time) {
      const added = entry(1, { addedAt: time.at(0), dueAt: time.at(0), kind: "changed", keyId: "ours" });
      const { sealed: _, ...shown } = added;
      await queue.add(added);
      const first = async () => (await queue.list({ limit: 9 }))[0];
      same(await first(), { ...shown, attempts: 0 });

      await queue.lease(1, await time.reach(1), time.at(3));
      await queue.retry(added.id, time.at(2));
      same(await first(), { ...shown, dueAt: time.at(2), attempts: 0 });
      const failure = 'ECONNREFUSED 127.0.0.1:587 "é\\';
      await queue.lease(1, await time.reach(2), time.at(4));
      await queue.retry(added.id, time.at(3), "the first reason");
      await queue.lease(1, await time.reach(3), time.at(5));
      await queue.retry(added.id, time.at(4), failure);
      same(await first(), { ...shown, dueAt: time.at(4), attempts: 2, failure });

      await queue.retry(added.id, time.at(5));
      same(await first(), { ...shown, dueAt: time.at(5), attempts: 2, failure });
      same(await queue.lease(9, await time.reach(5), time.at(60)), [{ ...added, dueAt: time.at(5) }]);
      await queue.retry(entry(2).id, time.at(6), "of an entry that is gone");
      assert.equal((await queue.list({ limit: 9 })).length, 1);
    },
  },
  {
    name: "list pages through the entries by their ids, due, leased or not",
    async run(queue, time) {
      for (const number of [5, 2, 4, 1, 3]) {
        await queue.add(entry(number, { addedAt: time.at(0), dueAt: time.at(number === 4 ? 20 : 0) }));
      }
      await queue.lease(2, await time.reach(1), time.at(60));
      const ids = async (page: { after?: string; limit: number }) =>
        (await queue.list(page)).map(({ id }) => Number.parseInt(id, 16));
      assert.deepEqual(await ids({ limit: 9 }), [1, 2, 3, 4, 5]);
      assert.deepEqual(await ids({ limit: 2 }), [1, 2]);
      assert.deepEqual(await ids({ after: entry(2).id, limit: 2 }), [3, 4]);
      assert.deepEqual(await ids({ after: entry(4).id, limit: 2 }), [5]);
      assert.deepEqual(await ids({ after: entry(5).id, limit: 2 }), []);
      await queue.done(entry(3).id);
      assert.deepEqual(await ids({ after: entry(2).id, limit: 1 }), [4]);
    },
  },
];
