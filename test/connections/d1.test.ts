import Sqlite from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { d1, type D1Database } from "resetkit/connections/d1";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlSuite } from "../servers/sql-suite.js";

/**
 * A double of D1 over SQLite, by what Cloudflare documents: every answer is asynchronous, and bytes come back
 * as arrays of numbers. It shows what the connection sends and reads; that D1 keeps its word it does not.
 */
function double(db: Sqlite.Database): D1Database {
  const given = (value: unknown) => (value instanceof Uint8Array ? [...value] : value);
  return {
    prepare: (text) => ({
      bind: (...values) => ({
        async all() {
          await new Promise((resolve) => setImmediate(resolve));
          const statement = db.prepare(text);
          if (!statement.reader) return { results: [], meta: { changes: statement.run(...values).changes } };
          const rows = statement.all(...values) as object[];
          const results = rows.map((row) =>
            Object.fromEntries(Object.entries(row).map(([key, value]) => [key, given(value)])),
          );
          return { results, meta: { changes: 0 } };
        },
      }),
    }),
  };
}

sqlSuite(
  "a double of D1",
  async () => {
    const db = new Sqlite(":memory:");
    return { connection: d1(double(db)), close: () => db.close() };
  },
  ["transaction"],
);

describe("d1", () => {
  it("is migrated once by several that begin at the same time, though there is no transaction", async () => {
    const db = new Sqlite(":memory:");
    const connection = d1(double(db));
    const applied = await Promise.all([1, 2, 3].map(() => migrate(connection)));
    expect(applied.sort((a, b) => a.length - b.length)).toEqual([[], [], [1, 2]]);
    await expect(sqlStore(connection).check!()).resolves.toBeUndefined();
    db.close();
  });

  it("says what went wrong with a migration that stays undone", async () => {
    const db = new Sqlite(":memory:");
    db.exec("create view resetkit_tokens as select 1");
    await expect(migrate(d1(double(db)))).rejects.toThrow("views may not be indexed");
    db.close();
  });

  it("refuses what is no database, with the fix", () => {
    expect(() => d1(undefined as never)).toThrow(/pass the binding, such as env\.DB/);
  });
});
