import type { Mutex } from "../../runtime/mutex.js";
import type { Bracket } from "./transaction.js";

/** Commits writes that are made at the same time together. */
export interface GroupCommit {
  /** Resolves once the write is committed. Rejects with the error of this write only. */
  run<T>(write: () => T): Promise<T>;
}

interface Pending {
  readonly write: () => unknown;
  resolve(result: any): void;
  reject(error: unknown): void;
}

/**
 * Each write outside a transaction is one of its own, and SQLite waits for the disk when it ends. The writes of concurrent
 * requests don't depend on each other, so those of one turn of the event loop share a transaction. Databases with a server
 * do the same (PostgreSQL's `commit_delay`, MySQL's `binlog_group_commit_sync_delay`). See decision 204.
 *
 * The client is synchronous, and so are the bracket's functions.
 *
 * Every write still happens completely or not at all: if one fails, the transaction is rolled back, and each runs alone.
 */
export function createGroupCommit(
  mutex: Mutex,
  bracket: Bracket,
  endOfTurn: () => Promise<void>,
): GroupCommit {
  let group: Pending[] = [];

  async function flush(): Promise<void> {
    const pending = group;
    group = [];
    try {
      await mutex.run(() => runAll(pending, bracket));
    } catch (error) {
      for (const { reject } of pending) reject(error);
    }
  }

  return {
    run(write) {
      // It waits for its turn alone: the transaction may belong to the caller, which the mutex then rejects.
      if (mutex.isTaken()) return mutex.run(write);
      return new Promise((resolve, reject) => {
        if (group.length === 0) void endOfTurn().then(flush);
        group.push({ write, resolve, reject });
      });
    },
  };
}

function runAll(pending: readonly Pending[], bracket: Bracket): void {
  const results = pending.length > 1 ? together(pending, bracket) : undefined;
  for (const [index, { write, resolve, reject }] of pending.entries()) {
    try {
      resolve(results ? results[index] : write());
    } catch (error) {
      reject(error);
    }
  }
}

/** Returns `undefined` if they can't share a transaction. Throws if the database is locked, since none could run then. */
function together(pending: readonly Pending[], bracket: Bracket): unknown[] | undefined {
  try {
    bracket.begin();
  } catch (error) {
    // The application has a transaction of its own open on this client, and the writes become part of it.
    if (/within a transaction/.test(String(error))) return undefined;
    throw error;
  }
  try {
    const results = pending.map(({ write }) => write());
    bracket.commit();
    return results;
  } catch {
    undo(bracket);
    return undefined;
  }
}

function undo({ rollback }: Bracket): void {
  try {
    rollback();
  } catch {
    // After some errors, such as a full disk, SQLite has already rolled it back.
  }
}
