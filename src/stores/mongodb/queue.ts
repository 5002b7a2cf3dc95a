import type { QueueEntry, RequestQueue } from "../../types.js";
import type { MongoCollection } from "./collections.js";
import { bytesOf, removeBefore } from "./collections.js";

/**
 * A queue in MongoDB. Nothing in it goes by itself: it holds mails that were promised, and when one is too
 * late is the engine's to say.
 */
export function mongodbQueue(entries: MongoCollection): RequestQueue {
  return {
    async add({ id, sealed, addedAt, dueAt }) {
      await entries.insertOne({ _id: id, sealed, addedAt, dueAt });
    },

    async lease(limit, now, until) {
      const leased: QueueEntry[] = [];
      while (leased.length < limit) {
        const found = await entries.findOneAndUpdate(
          { dueAt: { $lte: now } },
          { $set: { dueAt: until } },
          { sort: { dueAt: 1, _id: 1 }, returnDocument: "before", includeResultMetadata: false },
        );
        if (!found) break;
        const { _id: id, sealed, addedAt, dueAt } = found;
        leased.push({ id, sealed: bytesOf(sealed), addedAt, dueAt });
      }
      return leased;
    },

    async done(id) {
      await entries.deleteOne({ _id: id });
    },

    async retry(id, at) {
      await entries.updateOne({ _id: id }, { $set: { dueAt: at } });
    },

    removeExpired: (before, limit) => removeBefore(entries, "addedAt", before, limit),
  };
}
