import Database from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { combinationSuite } from "resetkit/testing";

// A file of SQLite has one connection in a process: ten visitors share it.
combinationSuite({ describe, it }, "SQLite in a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "resetkit-"));
  const db = new Database(join(folder, "app.db"));
  db.pragma("journal_mode = wal");
  const connection = betterSqlite3(db);
  await migrate(connection);
  const close = () => {
    db.close();
    rmSync(folder, { recursive: true });
  };
  return { store: sqlStore(connection), connection, close };
});
