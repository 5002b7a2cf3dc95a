import BetterSqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import { connectionSuite } from "resetkit/testing";
import type { SyncSqlite } from "../../src/connections/shared/sync-sqlite.js";
import { sqlSuite } from "../servers/sql-suite.js";

type Open = new (file: string) => SyncSqlite & { close(): void };

/** Node 20 has no `node:sqlite`; better-sqlite3, which it was modelled on, then stands in for it. */
const { DatabaseSync } = (process.getBuiltinModule("node:sqlite") ?? {}) as { DatabaseSync?: Open };
const Database = DatabaseSync ?? (BetterSqlite as unknown as Open);

sqlSuite(DatabaseSync ? "node:sqlite" : "a stand-in for node:sqlite", async () => {
  const db = new Database(":memory:");
  return { connection: nodeSqlite(db), close: () => db.close() };
});

connectionSuite(
  { describe, it },
  "node:sqlite",
  () => {
    const db = new Database(":memory:");
    return { connection: nodeSqlite(db), close: () => db.close() };
  },
  { sizes: [1], control: false },
);

describe("nodeSqlite", () => {
  it("refuses what is no database, with the fix", () => {
    expect(() => nodeSqlite(undefined as never)).toThrow(/pass what new DatabaseSync\(file\) returned/);
  });
});
