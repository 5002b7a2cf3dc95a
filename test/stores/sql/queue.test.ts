import Sqlite from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection } from "resetkit/types";
import { entry } from "../../../src/testing/store/samples.js";
import { mariadb } from "../../servers/mariadb.js";
import { postgres } from "../../servers/postgres.js";

const pgPool = new Pool({ connectionString: await postgres() });
const mysqlPool = createPool(await mariadb());
const sqlite = new Sqlite(":memory:");
afterAll(async () => {
  await pgPool.end();
  await mysqlPool.end();
  sqlite.close();
});

const now = entry(100).dueAt;

describe.each<[string, SqlConnection]>([
  ["SQLite", betterSqlite3(sqlite)],
  ["PostgreSQL", pg(pgPool)],
  ["MariaDB", mysql2(mysqlPool)],
])("the queue on %s", (_, connection) => {
  async function filled(keyIds: readonly (string | undefined)[]) {
    const statements: (string | undefined)[] = [];
    const spied: SqlConnection = {
      ...connection,
      query: (...call) => (statements.push(call[0].name), connection.query(...call)),
    };
    await migrate(connection);
    await connection.query({ text: "delete from resetkit_queue", rows: false }, []);
    const queue = sqlStore(spied).queue!;
    for (const [i, keyId] of keyIds.entries()) await queue.add(entry(i, { keyId, kind: "request" }));
    statements.length = 0;
    return { queue, statements };
  }

  it("leases by key ids that differ in case only, and by those of old entries, which have none", async () => {
    const { queue } = await filled(["aaa", "AAA", undefined, "aaA"]);
    const leased = await queue.lease(9, now, now + 1, ["aaA"]);
    expect(leased.map(({ keyId }) => keyId)).toEqual([undefined, "aaA"]);
    expect((await queue.stats(now, ["aaA"])).foreign).toBe(2);
  });

  it("uses one prepared statement for up to 8 key ids, and takes more", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `key ${i}`);
    const { queue, statements } = await filled(ids);
    for (const count of [1, 2, 8]) await queue.lease(1, now, now + 1, ids.slice(0, count));
    expect(new Set(statements.filter((name) => /lease_entries|due_entries/.test(name!))).size).toBe(1);
    expect(await queue.lease(99, now + 2, now + 3, ids.slice(0, 17))).toHaveLength(17);
    expect((await queue.stats(now, ids.slice(0, 17))).foreign).toBe(3);
    expect(await queue.lease(99, now + 4, now + 5, [])).toEqual([]);
  });

  it("leases past any number of other applications' entries (300)", async () => {
    const { queue } = await filled([...Array<string>(300).fill("theirs"), "ours"]);
    const leased = await queue.lease(2, entry(400).dueAt, entry(500).dueAt, ["ours"]);
    expect(leased).toMatchObject([{ keyId: "ours", kind: "request", id: entry(300).id }]);
  });

  it("stores a failure that holds NUL or is long", async () => {
    const { queue } = await filled(["a"]);
    await queue.retry(entry(0).id, now, "a\0b");
    await queue.retry(entry(0).id, now, "✓".repeat(1_000));
    expect(await queue.list({ limit: 1 })).toMatchObject([{ attempts: 2, failure: "✓".repeat(1_000) }]);
  });
});
