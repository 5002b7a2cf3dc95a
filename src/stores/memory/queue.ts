import type { QueuedEntry, QueueEntry, RequestQueue } from "../../ports.js";
import { atOnce, compare, put, some, type Run } from "./undo-log.js";

interface Kept extends QueueEntry {
  readonly attempts: number;
  readonly failure?: string | undefined;
}

/** Entries in a map: they're lost when the process ends. */
export function memoryQueue(run: Run = atOnce): RequestQueue {
  const entries = new Map<string, Kept>();
  const change = (id: string, changes: (entry: Kept) => Partial<Kept>) => {
    const entry = entries.get(id);
    if (entry) entries.set(id, { ...entry, ...changes(entry) });
  };
  return {
    add: (entry, context) =>
      run((undo) => {
        if (entries.has(entry.id)) throw new Error(`The queue already has an entry with the id ${entry.id}.`);
        put(entries, entry.id, { ...entry, attempts: 0 }, undo);
      }, context),
    lease: (limit, now, until, keyIds) =>
      run(() => {
        const due = [...entries.values()]
          .filter((entry) => entry.dueAt <= now && isOurs(entry, keyIds))
          .sort((a, b) => a.dueAt - b.dueAt || compare(a.id, b.id))
          .slice(0, limit);
        for (const entry of due) entries.set(entry.id, { ...entry, dueAt: until });
        return due.map(toEntry);
      }),
    done: (id, context) => run((undo) => put(entries, id, undefined, undo), context),
    retry: (id, at, failure) =>
      run(() =>
        change(id, ({ attempts }) =>
          failure === undefined ? { dueAt: at } : { dueAt: at, failure, attempts: attempts + 1 },
        ),
      ),
    removeExpired: (before, limit) =>
      run(() => {
        const over = some(
          entries.values(),
          limit,
          ({ kind, addedAt }) => kind === "request" && addedAt < before,
        );
        for (const { id } of over) entries.delete(id);
        return over.length;
      }),
    stats: (now, keyIds) =>
      run(() => {
        const waiting = [...entries.values()].filter((entry) => entry.dueAt <= now);
        const foreign = [...entries.values()].filter((entry) => !isOurs(entry, keyIds)).length;
        const times = waiting.map(({ addedAt }) => addedAt);
        return {
          waiting: waiting.length,
          oldestAt: times.length === 0 ? undefined : Math.min(...times),
          foreign,
        };
      }),
    list: ({ after = "", limit }) =>
      run(() =>
        [...entries.values()]
          .filter(({ id }) => id > after)
          .sort((a, b) => compare(a.id, b.id))
          .slice(0, limit)
          .map(toQueued),
      ),
  };
}

function isOurs({ keyId }: QueueEntry, keyIds: readonly string[] | undefined): boolean {
  return keyId === undefined || keyIds === undefined || keyIds.includes(keyId);
}

function toEntry({ id, sealed, addedAt, dueAt, kind, keyId }: Kept): QueueEntry {
  return { id, sealed, addedAt, dueAt, kind, keyId };
}

function toQueued({ id, addedAt, dueAt, kind, keyId, attempts, failure }: Kept): QueuedEntry {
  return { id, addedAt, dueAt, kind, keyId, attempts, failure };
}
