import type { QueuedEntry, QueueEntry, RequestQueue } from "../../ports.js";
import type { MongoCollection } from "./collections.js";
import { bytesOf, removeBefore } from "./collections.js";

/**
 * A queue in MongoDB, a document for each entry. Nothing in it expires by itself: it holds requests that were accepted,
 * and the engine decides when one is too late.
 */
export function mongodbQueue(entries: MongoCollection): RequestQueue {
  return {
    async add({ id, ...entry }) {
      const given = Object.entries({ _id: id, ...entry }).filter(([, value]) => value !== undefined);
      await entries.insertOne(Object.fromEntries(given));
    },

    async lease(limit, now, until, keyIds) {
      const leased: QueueEntry[] = [];
      while (leased.length < limit) {
        const found = await entries.findOneAndUpdate(
          { dueAt: { $lte: now }, ...(keyIds && { keyId: { $in: [null, ...keyIds] } }) },
          { $set: { dueAt: until } },
          { sort: { dueAt: 1, _id: 1 }, returnDocument: "before", includeResultMetadata: false },
        );
        if (!found) break;
        leased.push({ ...readEntry(found), sealed: bytesOf(found.sealed) });
      }
      return leased;
    },

    async done(id) {
      await entries.deleteOne({ _id: id });
    },

    async retry(id, at, failure) {
      const failed = failure !== undefined && { $inc: { attempts: 1 } };
      const changes = { dueAt: at, ...(failed && { failure }) };
      await entries.updateOne({ _id: id }, { $set: changes, ...failed });
    },

    removeExpired: (before, limit) => removeBefore(entries, "addedAt", before, limit, { kind: "request" }),

    async stats(now, keyIds) {
      const due = { dueAt: { $lte: now } };
      const oldest = { sort: { addedAt: 1 }, limit: 1, projection: { addedAt: 1 } };
      const [waiting, [first], foreign] = await Promise.all([
        entries.countDocuments(due),
        entries.find(due, oldest).toArray(),
        keyIds ? entries.countDocuments({ keyId: { $nin: [null, ...keyIds] } }) : 0,
      ]);
      return { waiting, oldestAt: first?.addedAt, foreign };
    },

    async list({ after, limit }) {
      const found = await entries
        .find(after === undefined ? {} : { _id: { $gt: after } }, {
          sort: { _id: 1 },
          limit,
          projection: { sealed: 0 },
        })
        .toArray();
      return found.map((document): QueuedEntry => ({
        ...readEntry(document),
        attempts: document.attempts ?? 0,
        failure: document.failure,
      }));
    },
  };
}

function readEntry({ _id, addedAt, dueAt, kind, keyId }: any): Omit<QueueEntry, "sealed"> {
  return { id: _id, addedAt, dueAt, kind, keyId };
}
