import Sqlite from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import type { SqlConnection } from "resetkit/types";
import { sqlUsers } from "resetkit/users/sql";
import { makeKit } from "../kit.js";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";

const [pool, mariadbPool] = [new Pool({ connectionString: await postgres() }), createPool(await mariadb())];
const db = new Sqlite(":memory:");
afterAll(async () => {
  db.close();
  await Promise.all([pool.end(), mariadbPool.end()]);
});

const run = (connection: SqlConnection, text: string) => connection.query({ text, rows: false }, []);
const usersOn = (connection: SqlConnection) =>
  sqlUsers(connection, {
    table: "people",
    identifier: ["email", "login"],
    passwordHash: "hash",
    hashPassword: async (password) => password,
    sessions: "none",
  });

/** Numbers from 1 on, as each database makes them. */
const numbers = (dialect: string, count: number) =>
  dialect === "postgres"
    ? `select n from generate_series(1, ${count}) as numbers (n)`
    : `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count}) select n from numbers`;

async function fill(connection: SqlConnection, from: number, count: number): Promise<void> {
  const text = (prefix: string) =>
    connection.dialect === "mysql" ? `concat('${prefix}', n + ${from})` : `'${prefix}' || (n + ${from})`;
  const columns = `n + ${from} as id, ${text("person")} as email, ${text("login")} as login, 'hash' as hash`;
  await run(
    connection,
    `insert into people (id, email, login, hash) select ${columns} from (${numbers(connection.dialect, count)}) as made`,
  );
}

describe.each([
  ["SQLite", betterSqlite3(db), "varchar(190) unique", ["email", "login"]],
  ["PostgreSQL", pg(pool), "varchar(190) unique", ["email", "login"]],
  // Its collation ignores case, so an ordinary index is enough.
  ["MariaDB", mysql2(mariadbPool), "varchar(190)", ["email", "login"]],
] as const)("an identifier without an index, on %s", (_name, connection, type, missing) => {
  it(
    "is reported once the table is large, with the statement that creates the index",
    { timeout: 120_000 },
    async () => {
      await run(
        connection,
        `create table people (id integer primary key, email ${type}, login ${type}, hash varchar(190))`,
      );
      const users = usersOn(connection as SqlConnection);
      await fill(connection as SqlConnection, 0, 900);
      expect(await users.check!()).toEqual([]);

      for (let from = 900; from < 10_500; from += 800) await fill(connection as SqlConnection, from, 800);
      if (connection.dialect === "postgres") await run(connection, "analyze people");
      const findings = (await users.check!())!;
      expect(findings.map(({ level }) => level)).toEqual(missing.map(() => "warning"));
      const kind = connection.dialect === "mysql" ? "index" : "index that ignores case";
      expect(findings[0]!.what).toBe(
        `The table "people" has over 10000 rows and no ${kind} on sqlUsers's identifier, "email", so each request reads the whole table.`,
      );
      // The control: the index that the finding names is the one that's missing.
      for (const { fix } of findings) await run(connection, /^Run: (.*)\.$/.exec(fix)![1]!);
      expect(await users.check!()).toEqual([]);
    },
  );
});

it("is logged when a worker starts, and in the findings of check", async () => {
  const connection = betterSqlite3(new Sqlite(":memory:"));
  await run(connection, "create table people (id integer primary key, email text, login text, hash text)");
  await fill(connection, 0, 900);
  for (let from = 900; from < 10_500; from += 800) await fill(connection, from, 800);
  const { reset, log } = makeKit({ users: usersOn(connection) as never });
  const found = await reset.check();
  expect(found.map(({ what }) => what).join(" ")).toContain(
    "no index that ignores case on sqlUsers's identifier",
  );
  const working = reset.work();
  await expect.poll(() => log.lines.join(" ")).toContain('create index "people_email" on "people"');
  await reset.close();
  await working;
});

it("isn't looked for when a look-up fails, since the database may be busy then", async () => {
  const connection = betterSqlite3(new Sqlite(":memory:"));
  await run(connection, "create table people (id integer primary key, email text, login text, hash text)");
  const asked: string[] = [];
  const busy: SqlConnection = {
    ...connection,
    query(statement, ...given) {
      asked.push(statement.text);
      if (asked.length === 1) return Promise.reject(new Error("busy"));
      return connection.query(statement, ...given);
    },
  };
  const users = usersOn(busy);
  await expect(users.findByIdentifier("ada", {})).rejects.toThrow("busy");
  // The second statement asks for the columns, which may be what was wrong.
  expect(asked).toHaveLength(2);
  // The control: `check` looks for the index, beginning with the size of the table.
  await users.check!();
  expect(asked.at(-1)).toContain("counted");
});
