import { assertFunction } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { syncSqlite, type SyncSqlite } from "./shared/sync-sqlite.js";

/**
 * A connection over a `DatabaseSync` of `node:sqlite` (Node 22.13 and newer) or a `Database` of `bun:sqlite`. Its
 * transaction handle is that database.
 *
 * It changes no settings of the database. If several processes use the file, set `pragma journal_mode = wal` and
 * `pragma busy_timeout = 5000`, since these clients have no timeout by default.
 *
 * The limit is the same as for `betterSqlite3`: a connection holds one transaction at a time.
 */
export function nodeSqlite<Database extends SyncSqlite>(db: Database): SqlConnection<Database> {
  assertFunction(db?.prepare, "nodeSqlite's database", "pass what new DatabaseSync(file) returned");
  assertFunction(db.exec, "nodeSqlite's database", "pass what new DatabaseSync(file) returned");
  return syncSqlite(db);
}
