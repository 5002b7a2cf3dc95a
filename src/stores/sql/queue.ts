import type { QueueEntry, RequestQueue } from "../../types.js";
import type { Database } from "../sql.js";
import { queueEntry } from "./rows.js";

/** The queue: an entry is leased by moving the time at which it is due. */
export function sqlQueue({ run, statements }: Database): RequestQueue {
  /** Where one statement cannot lease and give back: look, then compare-and-set each. */
  const leaseOneByOne = async (limit: number, now: number, until: number): Promise<QueueEntry[]> => {
    const leased: QueueEntry[] = [];
    while (leased.length < limit) {
      const { rows } = await run(statements.dueEntries, [now, limit - leased.length]);
      if (rows.length === 0) break;
      for (const entry of rows.map(queueEntry)) {
        const { changes } = await run(statements.leaseEntry, [until, entry.id, entry.dueAt]);
        if (changes === 1) leased.push(entry);
      }
    }
    return leased;
  };

  return {
    async add({ id, sealed, addedAt, dueAt }, context) {
      await run(statements.addEntry, [id, sealed, addedAt, dueAt], context?.transaction);
    },
    async lease(limit, now, until) {
      if (!statements.leaseEntries) return leaseOneByOne(limit, now, until);
      const { rows } = await run(statements.leaseEntries, [until, now, limit]);
      return rows.map(queueEntry).sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
    },
    async done(id, context) {
      await run(statements.doneEntry, [id], context?.transaction);
    },
    async retry(id, at) {
      await run(statements.retryEntry, [at, id]);
    },
    removeExpired: async (before, limit) => (await run(statements.removeEntries, [before, limit])).changes,
  };
}
