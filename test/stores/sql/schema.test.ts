import { readFileSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { migrate, migrations, migrationSql, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection } from "resetkit/types";
import { mariadb } from "../../servers/mariadb.js";
import { postgres } from "../../servers/postgres.js";
import { row, rule } from "../sql-samples.js";

const [postgresUrl, mariadbUrl] = await Promise.all([postgres(), mariadb()]);
const pgPool = new Pool({ connectionString: postgresUrl });
const mysqlPool = createPool(mariadbUrl);
const sqlite = new Sqlite(":memory:");
afterAll(async () => {
  await pgPool.end();
  await mysqlPool.end();
  sqlite.close();
});

const connections: Record<string, SqlConnection> = {
  SQLite: betterSqlite3(sqlite),
  PostgreSQL: pg(pgPool),
  MariaDB: mysql2(mysqlPool),
};

for (const [name, connection] of Object.entries(connections)) {
  describe(`migrate on ${name}`, () => {
    it("applies every version once, and says which", async () => {
      const versions = migrations.map(({ version }) => version);
      expect(await migrate(connection, { prefix: "once_" })).toEqual(versions);
      expect(await migrate(connection, { prefix: "once_" })).toEqual([]);
    });

    it("lets one of 8 that come at once migrate, and the others wait for it", async () => {
      const options = { prefix: "eight_" };
      const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(connection, options)));
      expect(applied.filter(({ length }) => length > 0)).toHaveLength(1);
      await sqlStore(connection, options).check!();
    });

    it("prints the SQL that does the same", async () => {
      const text = migrationSql(connection.dialect, { prefix: "printed_" });
      const statements = text.split(/;\n\n/).filter((part) => part.trim() !== "");
      for (const statement of statements) {
        await connection.query({ text: statement.replace(/^--.*\n\n/, ""), rows: false }, []);
      }
      const store = sqlStore(connection, { prefix: "printed_" });
      await store.check!();
      expect(await store.tokens.put(row(1), rule())).toBe("stored");
      expect(await migrate(connection, { prefix: "printed_" })).toEqual([]);
    });

    it("finishes what an interrupted migration began", async () => {
      const [create] = migrations[0]!.statements(connection.dialect, "half_");
      await connection.query({ text: create!, rows: false }, []);
      expect(await migrate(connection, { prefix: "half_" })).toEqual([1, 2]);
      await sqlStore(connection, { prefix: "half_" }).check!();
    });

    it("adds what an interrupted migration didn't, and leaves what it added", async () => {
      await migrate(connection, { prefix: "added_" });
      await connection.query({ text: "delete from added_migrations where version = 2", rows: false }, []);
      expect(await migrate(connection, { prefix: "added_" })).toEqual([2]);
      await sqlStore(connection, { prefix: "added_" }).check!();
    });
  });
}

describe("migrate", () => {
  it("leaves nothing behind in PostgreSQL where it fails", async () => {
    await pgPool.query("create view failing_queue as select 1 as id");
    await expect(migrate(pg(pgPool), { prefix: "failing_" })).rejects.toThrow();
    const { rows } = await pgPool.query("select tablename from pg_tables where tablename like 'failing_%'");
    expect(rows).toEqual([]);
  });

  it("refuses a prefix that is no name, and options that it does not know", async () => {
    await expect(migrate(pg(pgPool), { prefix: "my-app" })).rejects.toThrow(
      /prefix is "my-app". Use at most 31 of a–z/,
    );
    await expect(migrate(pg(pgPool), { name: "a" } as never)).rejects.toThrow(/migrate has no option "name"/);
    expect(() => migrationSql("sqlite", { prefix: "" })).toThrow(TypeError);
  });
});

describe("docs/stores.md", () => {
  it("names the columns of every table, in their order", async () => {
    await migrate(betterSqlite3(sqlite));
    const page = readFileSync(new URL("../../../docs/stores.md", import.meta.url), "utf8");
    for (const table of ["tokens", "counters", "queue"]) {
      const section = page.split(`**\`resetkit_${table}\`**`)[1]!.split(/\n(?!\||\n\|)\n?[*A-Z]/)[0]!;
      const documented = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
      const columns = sqlite.pragma(`table_info(resetkit_${table})`) as { name: string }[];
      expect(documented).toEqual(columns.map(({ name }) => name));
    }
  });
});

describe("the statements use indexes", () => {
  it("and scan no table, on SQLite", async () => {
    await migrate(betterSqlite3(sqlite));
    const plans: string[] = [];
    const spied = new Proxy(sqlite, {
      get: (target, key: keyof Sqlite.Database) =>
        key === "prepare"
          ? (text: string) => {
              const plan = sqlite.prepare(`explain query plan ${text}`);
              const blanks = Array((text.match(/\?/g) ?? []).length).fill(null);
              plans.push(...plan.all(...blanks).map((step) => (step as { detail: string }).detail));
              return target.prepare(text);
            }
          : target[key],
    });
    const { tokens, counters, queue } = sqlStore(betterSqlite3(spied));
    await tokens.put(row(1), rule({ maxLive: 1 }));
    await tokens.find(row(1).lookup);
    for (const number of [3, 4]) await tokens.put(row(number, { issued: true }), rule());
    await tokens.delivered(row(1).lookup, false);
    await tokens.delivered(row(1).lookup, true, { maxLive: 1 });
    await tokens.put(row(2), rule({ maxLive: 1 }));
    await tokens.put(row(2), rule({ maxLive: 1 }));
    await tokens.liveOf("ada", { scope: "", now: 0 });
    await tokens.lease(row(1).lookup, 2, 1);
    await tokens.renew(row(1).lookup, 3, 2);
    await tokens.release(row(1).lookup, 2);
    await tokens.finish(row(1).lookup);
    await tokens.finish(row(1).lookup, { leasedUntil: 2 });
    await tokens.removeByUser("ada", { scope: "" });
    await tokens.removeExpired(1, 1);
    await tokens.list({ limit: 1 });
    for (const by of [1, 0, -1]) await counters.hit("a", { per: 1, now: 0, by });
    await counters.removeExpired(1, 1);
    await queue!.add({ id: "0", sealed: new Uint8Array(1), addedAt: 0, dueAt: 0 });
    await queue!.lease(1, 1, 2);
    await queue!.lease(1, 1, 2, ["a"]);
    await queue!.retry("0", 1);
    await queue!.retry("0", 1, "no");
    await queue!.stats(1);
    await queue!.list({ limit: 1 });
    await queue!.done("0");
    await queue!.removeExpired(1, 1);
    expect(plans.length).toBeGreaterThan(20);
    expect(plans.filter((step) => /SCAN|TEMP B-TREE/.test(step) && !/CONSTANT ROW/.test(step))).toEqual([
      // An account has a handful of rows.
      "USE TEMP B-TREE FOR ORDER BY",
    ]);
  });
});
