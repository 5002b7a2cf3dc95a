import type { QueueEntry, RequestQueue } from "../../ports.js";
import type { Database } from "./database.js";
import { note, queuedEntry, queueEntry } from "./rows.js";

/** The queue: an entry is leased by moving the time at which it is due. */
export function sqlQueue({ run, statements }: Database): RequestQueue {
  /** If one statement can't lease and return rows: select, then compare-and-set each. */
  const leaseOneByOne = async (limit: number, now: number, until: number, keys: readonly string[]) => {
    const leased: QueueEntry[] = [];
    while (leased.length < limit) {
      const due = statements.dueEntries(keys.length);
      const { rows } = await run(due, [now, ...keys, limit - leased.length]);
      if (rows.length === 0) break;
      for (const entry of rows.map(queueEntry)) {
        const { changes } = await run(statements.leaseEntry, [until, entry.id, entry.dueAt]);
        if (changes === 1) leased.push(entry);
      }
    }
    return leased;
  };

  return {
    async add({ id, sealed, addedAt, dueAt, kind, keyId }, context) {
      const values = [id, sealed, addedAt, dueAt, kind ?? null, keyId ?? null];
      await run(statements.addEntry, values, context?.transaction);
    },
    async lease(limit, now, until, keyIds) {
      const keys = padded(keyIds);
      if (!statements.leaseEntries) return leaseOneByOne(limit, now, until, keys);
      const { rows } = await run(statements.leaseEntries(keys.length), [until, now, ...keys, limit]);
      return rows.map(queueEntry).sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
    },
    async done(id, context) {
      await run(statements.doneEntry, [id], context?.transaction);
    },
    async retry(id, at, failure) {
      if (failure === undefined) await run(statements.postponeEntry, [at, id]);
      else await run(statements.retryEntry, [at, note(failure), id]);
    },
    removeExpired: async (before, limit) => (await run(statements.removeEntries, [before, limit])).changes,
    async stats(now, keyIds) {
      // A count always returns one row.
      const { waiting, oldestat } = (await run(statements.waitingEntries, [now])).rows[0]!;
      return {
        waiting: Number(waiting),
        oldestAt: oldestat === null ? undefined : Number(oldestat),
        foreign: keyIds === undefined ? 0 : await countForeign(padded(keyIds)),
      };
    },
    list: async ({ after = "", limit }) =>
      (await run(statements.listEntries, [after, limit])).rows.map(queuedEntry),
  };

  async function countForeign(keys: readonly string[]): Promise<number> {
    const { rows } = await run(statements.foreignEntries(keys.length), keys);
    return Number(rows[0]?.entries);
  }
}

/** As many as the secrets that a keyring can have. */
const atATime = 8;

/** Key ids, padded to a number that's nearly always the same, so that one statement is prepared for all. */
function padded(keyIds: readonly string[] | undefined): readonly string[] {
  if (keyIds === undefined) return [];
  const size = Math.max(1, Math.ceil(keyIds.length / atATime)) * atATime;
  // No entry has an empty key id, so with no ids given none matches.
  return Array.from({ length: size }, (_, i) => keyIds[i] ?? keyIds[0] ?? "");
}
