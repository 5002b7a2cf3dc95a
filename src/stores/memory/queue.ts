import type { QueueEntry, RequestQueue } from "../../types.js";
import { atOnce, compare, put, some, type Run } from "./undo-log.js";

/** Entries in a map: a process that dies takes them with it. */
export function memoryQueue(run: Run = atOnce): RequestQueue {
  const entries = new Map<string, QueueEntry>();
  return {
    add: (entry, context) => run((undo) => put(entries, entry.id, entry, undo), context),
    lease: (limit, now, until) =>
      run(() => {
        const due = [...entries.values()]
          .filter((entry) => entry.dueAt <= now)
          .sort((a, b) => a.dueAt - b.dueAt || compare(a.id, b.id))
          .slice(0, limit);
        for (const entry of due) entries.set(entry.id, { ...entry, dueAt: until });
        return due;
      }),
    done: (id, context) => run((undo) => put(entries, id, undefined, undo), context),
    retry: (id, at) =>
      run(() => {
        const entry = entries.get(id);
        if (entry) entries.set(id, { ...entry, dueAt: at });
      }),
    removeExpired: (before, limit) =>
      run(() => {
        const over = some(entries.values(), limit, (entry) => entry.addedAt < before);
        for (const { id } of over) entries.delete(id);
        return over.length;
      }),
  };
}
