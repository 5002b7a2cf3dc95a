import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import type { SqlConnection } from "resetkit/types";

let folder: string;
let db: Database.Database;
let connection: SqlConnection<Database.Database>;
/** What was executed beside prepared statements. */
let executed: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "resetkit-group-"));
  db = new Database(join(folder, "app.db"), { timeout: 20 });
  db.pragma("journal_mode = wal");
  db.exec("create table t (x integer primary key)");
  executed = [];
  const exec = db.exec.bind(db);
  db.exec = (text) => (executed.push(text), exec(text));
  connection = betterSqlite3(db);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const add = (x: number, handle?: Database.Database) =>
  connection.query({ text: "insert into t values (?)", rows: false, name: "add" }, [x], handle);
const stored = () => db.prepare("select x from t order by x").pluck().all();

describe("writes of one turn", () => {
  it("share a commit, and each has its own result", async () => {
    const results = await Promise.all([
      add(1),
      add(2),
      connection.query({ text: "insert into t values (?) returning x", rows: true }, [3]),
    ]);
    expect(results.map(({ rows, changes }) => [rows, changes])).toEqual([
      [[], 1],
      [[], 1],
      [[{ x: 3 }], 0],
    ]);
    expect(executed).toEqual(["begin immediate", "commit"]);
    expect(stored()).toEqual([1, 2, 3]);
  });

  it("need no transaction if there's one only", async () => {
    await add(1);
    expect(executed).toEqual([]);
    expect(stored()).toEqual([1]);
  });

  it("fail one by one: the error of one is nobody else's", async () => {
    const outcomes = await Promise.allSettled([add(1), add(1), add(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(stored()).toEqual([1, 2]);
  });

  it("are committed when they resolve", async () => {
    const other = new Database(join(folder, "app.db"));
    const seen = Promise.all([add(1), add(2)]).then(() =>
      other.prepare("select count(*) from t").pluck().get(),
    );
    expect(await seen).toBe(2);
    other.close();
  });

  it("reject together while another process holds the lock, and run afterwards", async () => {
    const other = new Database(join(folder, "app.db"));
    other.exec("begin immediate");
    const outcomes = await Promise.allSettled([add(1), add(2)]);
    expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason.code)).toEqual([
      "SQLITE_BUSY",
      "SQLITE_BUSY",
    ]);
    other.exec("rollback");
    await Promise.all([add(1), add(2)]);
    expect(stored()).toEqual([1, 2]);
    other.close();
  });

  it("stay out of a transaction that begins before they run", async () => {
    const writes = [add(1), add(2)];
    const transaction = connection.transaction!(async (handle) => {
      await add(3, handle);
      // By now, the turn in which the writes were made is over.
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error("undone");
    });
    await expect(transaction).rejects.toThrow("undone");
    await Promise.all(writes);
    expect(stored()).toEqual([1, 2]);
  });

  it("become part of a transaction that the application has open on the same client, as one alone does", async () => {
    db.exec("begin");
    await Promise.all([add(1), add(2)]);
    expect(stored()).toEqual([1, 2]);
    db.exec("rollback");
    expect(stored()).toEqual([]);
  });
});
