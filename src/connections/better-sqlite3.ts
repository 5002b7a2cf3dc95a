import { assertFunction } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { syncSqlite, type SyncSqlite } from "./shared/sync-sqlite.js";

/**
 * A connection over a better-sqlite3 `Database`. Its transaction handle is that database.
 *
 * It changes no settings of the database. If several processes use the file, set `pragma journal_mode = wal`, and keep
 * better-sqlite3's default `timeout` (`busy_timeout`).
 *
 * The limit: a SQLite connection holds one transaction at a time. While one of resetkit's is open, its other statements
 * wait. A statement that the application runs on the same `Database` during that time becomes part of the transaction,
 * unless a callback runs it, which is meant to take part. If that can happen, open a separate `Database` for resetkit.
 */
export function betterSqlite3<Database extends SyncSqlite>(db: Database): SqlConnection<Database> {
  assertFunction(db?.prepare, "betterSqlite3's database", "pass what new Database(file) returned");
  assertFunction(db.exec, "betterSqlite3's database", "pass what new Database(file) returned");
  return syncSqlite(db);
}
