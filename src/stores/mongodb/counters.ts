import type { CounterStore } from "../../ports.js";
import type { MongoCollection } from "./collections.js";
import { dropAfter, isDuplicate, removeBefore } from "./collections.js";

/** Counters in MongoDB, a document for each open window, under the counter's key. */
export function mongodbCounters(counters: MongoCollection): CounterStore {
  return {
    async hit(key, { per, by = 1, now }) {
      const options = { upsert: by > 0, returnDocument: "after", includeResultMetadata: false };
      // Neither a refund nor a read opens a window.
      const filter = by > 0 ? { _id: key } : { _id: key, resetAt: { $gt: now } };
      const window = await again(() =>
        counters.findOneAndUpdate(filter, [{ $set: hit(per, by, now) }], options),
      );
      return window ? { count: window.count, resetAt: window.resetAt } : { count: 0, resetAt: now + per };
    },

    removeExpired: (now, limit) => removeBefore(counters, "resetAt", now, limit),

    async removeByPrefix(prefix, limit) {
      // Ids are compared by code points, as long as the collection has no collation of its own.
      const behind = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
      const filter = { _id: { $gte: prefix, $lt: behind } };
      const found = await counters.find(filter, { limit, projection: { _id: 1 } }).toArray();
      if (found.length === 0) return 0;
      return (await counters.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } })).deletedCount;
    },
  };
}

/** What a hit changes, whether or not the window is open. An absent `resetAt` is less than any number. */
function hit(per: number, by: number, now: number) {
  const ifOpen = (then: unknown, otherwise: unknown) => ({
    $cond: [{ $gt: ["$resetAt", now] }, then, otherwise],
  });
  return {
    count: ifOpen({ $max: [0, { $add: ["$count", by] }] }, by),
    resetAt: ifOpen("$resetAt", now + per),
    dropAt: ifOpen("$dropAt", dropAfter(per)),
  };
}

/** Of concurrent first hits, one inserts; the others are rejected as duplicates, and then find the document. */
async function again<T>(work: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (tries === 1 || !isDuplicate(error)) throw error;
    return again(work, tries - 1);
  }
}
