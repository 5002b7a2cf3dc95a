import { assertFunction } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { syncSqlite, type SyncSqlite } from "./shared/sync-sqlite.js";

/**
 * A connection over a `DatabaseSync` of `node:sqlite` (Node 22.13 and newer) or a `Database` of
 * `bun:sqlite`. The handle of its transactions is that database.
 *
 * Nothing is set on it. For several processes set `pragma journal_mode = wal` and, since these clients begin
 * without one, `pragma busy_timeout = 5000`.
 *
 * The limit is the one of `betterSqlite3`: one connection holds one transaction.
 */
export function nodeSqlite<Database extends SyncSqlite>(db: Database): SqlConnection<Database> {
  assertFunction(db?.prepare, "nodeSqlite's database", "pass what new DatabaseSync(file) returned");
  assertFunction(db.exec, "nodeSqlite's database", "pass what new DatabaseSync(file) returned");
  return syncSqlite(db);
}
