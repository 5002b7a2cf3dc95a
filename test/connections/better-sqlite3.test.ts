import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { connectionSuite, storeSuite } from "resetkit/testing";

storeSuite({ describe, it }, "SQLite in memory, by better-sqlite3", async () => {
  const db = new Database(":memory:");
  await migrate(betterSqlite3(db));
  return { store: sqlStore(betterSqlite3(db)), close: () => db.close() };
});

storeSuite({ describe, it }, "SQLite in a file, by better-sqlite3", async () => {
  const folder = mkdtempSync(join(tmpdir(), "resetkit-"));
  const db = new Database(join(folder, "app.db"));
  db.pragma("journal_mode = wal");
  await migrate(betterSqlite3(db));
  const close = () => {
    db.close();
    rmSync(folder, { recursive: true });
  };
  return { store: sqlStore(betterSqlite3(db)), close };
});

connectionSuite(
  { describe, it },
  "better-sqlite3",
  () => {
    const db = new Database(":memory:");
    return { connection: betterSqlite3(db), close: () => db.close() };
  },
  { sizes: [1], control: false },
);

describe("betterSqlite3", () => {
  it("refuses what is no database, with the fix", () => {
    expect(() => betterSqlite3(undefined as never)).toThrow(/pass what new Database\(file\) returned/);
    expect(() => betterSqlite3({ prepare() {} } as never)).toThrow(TypeError);
  });

  it("gives the application's callbacks the database itself", async () => {
    const db = new Database(":memory:");
    await betterSqlite3(db).transaction!(async (handle) => expect(handle).toBe(db));
    db.close();
  });

  it("leaves a transaction of the application alone", async () => {
    const db = new Database(":memory:");
    db.exec("create table t (x); begin; insert into t values (1)");
    await expect(betterSqlite3(db).transaction!(async () => {})).rejects.toThrow(/within a transaction/);
    expect(db.inTransaction).toBe(true);
    db.exec("commit");
    expect(db.prepare("select count(*) as n from t").get()).toEqual({ n: 1 });
    db.close();
  });
});
