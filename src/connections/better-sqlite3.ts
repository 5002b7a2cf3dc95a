import { assertFunction } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { syncSqlite, type SyncSqlite } from "./shared/sync-sqlite.js";

/**
 * A connection over a better-sqlite3 `Database`. The handle of its transactions is that database.
 *
 * Nothing is set on it. For several processes set `pragma journal_mode = wal`, and keep the `timeout`
 * (`busy_timeout`) that better-sqlite3 begins with.
 *
 * The limit: one SQLite connection holds one transaction. While one of resetkit's is open, its own other
 * statements wait; a statement that the application runs on the same `Database` in that time, without being
 * asked by a callback, becomes part of it. Open a `Database` of its own for resetkit where that can happen.
 */
export function betterSqlite3<Database extends SyncSqlite>(db: Database): SqlConnection<Database> {
  assertFunction(db?.prepare, "betterSqlite3's database", "pass what new Database(file) returned");
  assertFunction(db.exec, "betterSqlite3's database", "pass what new Database(file) returned");
  return syncSqlite(db);
}
