import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Sequelize, Transaction } from "sequelize";
import { describe, expect, it } from "vitest";
import { sequelize } from "resetkit/connections/sequelize";
import { connectionSuite } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { isWhole } from "../sample.js";
import { builtDriver, driver } from "../servers/drivers.js";
import { mariadb } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { postgres } from "../servers/postgres.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";
import { sqlUsersSuite } from "../users/people-table.js";

const [postgresUrl, usersUrl, mariadbUrl, mysqlServer, mariadbDriver] = await Promise.all([
  postgres(),
  postgres(),
  mariadb(),
  mysql(),
  driver("mariadb"),
]);

function open(url: string, options: object = {}) {
  const instance = new Sequelize(url, { logging: false, ...options });
  const driver = (text: string) => instance.query(text);
  return { instance, connection: sequelize(instance), driver, close: () => instance.close() };
}

/** Sequelize speaks to MariaDB by mysql2, which is its dialect `mysql`, or by MariaDB's own driver. */
const byMysql2 = () => open(mariadbUrl.replace(/^mariadb:/, "mysql:"));
const byMariadb = () =>
  open(mariadbUrl.replace(/^\w+:/, "mariadb:"), { dialectModule: mariadbDriver, pool: { max: 5 } });

sqlSuite("PostgreSQL, by Sequelize", async () => open(postgresUrl));
sqlSuiteAgain("MariaDB, by Sequelize and mysql2", async () => byMysql2());
sqlSuiteAgain("MariaDB, by Sequelize and mariadb", async () => byMariadb());
if ("url" in mysqlServer) sqlSuiteAgain("MySQL, by Sequelize", async () => open(mysqlServer.url));
sqlUsersSuite("sqlUsers on PostgreSQL, by Sequelize", () => open(usersUrl));

connectionSuite({ describe, it }, "Sequelize on PostgreSQL", (max) => open(postgresUrl, { pool: { max } }));

if (isWhole) {
  // Built where it's installed, which takes minutes.
  const sqlite3 = await builtDriver("sqlite3");
  const onSqlite = (storage = ":memory:") => open("sqlite:", { storage, dialectModule: sqlite3 });
  sqlSuite("SQLite, by Sequelize", async () => onSqlite());
  connectionSuite({ describe, it }, "Sequelize on SQLite", () => onSqlite(), { sizes: [1], control: false });
  describe("sequelize on SQLite", () => {
    checks(() => onSqlite());

    it("runs one transaction at a time in a file, where each has a connection of its own", async () => {
      const folder = await mkdtemp(join(tmpdir(), "resetkit-sequelize-"));
      const { connection, close } = onSqlite(join(folder, "app.db"));
      const write = (text: string, handle?: unknown) => connection.query({ text, rows: false }, [], handle);
      await write("create table notes (id integer)");
      const add = () => connection.transaction!((handle) => write("insert into notes values (1)", handle));
      await Promise.all([add(), write("insert into notes values (2)"), add(), add()]);
      const undone = connection.transaction!(async (handle) => {
        await write("insert into notes values (3)", handle);
        throw new Error("no");
      });
      await expect(undone).rejects.toThrow("no");
      const { rows } = await connection.query({ text: "select sum(id) as sum from notes", rows: true }, []);
      expect(rows).toEqual([{ sum: 5 }]);
      await close();
      await rm(folder, { recursive: true });
    });
  });
}

describe("sequelize on PostgreSQL", () => checks(() => open(postgresUrl)));
describe("sequelize on MariaDB, by mysql2", () => checks(byMysql2));
describe("sequelize on MariaDB, by mariadb", () => checks(byMariadb));

function checks(make: () => { connection: SqlConnection; close: () => unknown }): void {
  it("misreads no placeholder in a value or in a quoted name", async () => {
    const { connection, close } = make();
    await oddNames(connection);
    await close();
  });
}

async function oddNames(connection: SqlConnection) {
  const isMysql = connection.dialect === "mysql";
  const quoted = (name: string) => (isMysql ? `\`${name}\`` : `"${name.replaceAll('"', '""')}"`);
  const n = (index: number) => (connection.dialect === "postgres" ? `$${index}` : "?");
  const bytes = { postgres: "bytea", mysql: "varbinary(20)", sqlite: "blob" }[connection.dialect];
  const [table, first, second, third] = [`odd ?`, "a?:name $1 $$ ''", "$x$$y", "$2$"].map(quoted);
  await connection.query(
    { text: `create table ${table} (${first} varchar(100), ${second} ${bytes}, ${third} int)`, rows: false },
    [],
  );
  const write = (text: string, values: any[]) => connection.query({ text, rows: false }, values);
  const odd = "?, :name, $1, $$, '";
  const insert = `insert into ${table} (${first}, ${second}, ${third}) values (${n(1)}, ${n(2)}, ${n(3)})`;
  try {
    expect((await write(insert, [odd, Uint8Array.of(0, 255, 63), 1])).changes).toBe(1);
    expect((await write(insert, [null, null, 2])).changes).toBe(1);
    const read = `select ${first}, ${second}, ${third} from ${table} where ${first} = ${n(1)} or ${third} = ${n(2)} order by ${third}`;
    const { rows } = await connection.query({ text: read, rows: true }, [odd, 2]);
    expect(rows.map((row) => Object.values(row))).toEqual([
      [odd, Buffer.of(0, 255, 63), 1],
      [null, null, 2],
    ]);
    expect((await write(`update ${table} set ${first} = ${n(1)}`, ["$2"])).changes).toBe(2);
    expect((await write(`delete from ${table} where ${third} > ${n(1)}`, [5])).changes).toBe(0);
    expect(
      (await write(`delete from ${table} where ${first} = '$1' or ${first} = ${n(1)}`, ["$2"])).changes,
    ).toBe(2);
  } finally {
    await write(`drop table ${table}`, []);
  }
}

describe("sequelize", () => {
  it("refuses what is no instance, other databases, and rows without names, with the fix", () => {
    expect(() => sequelize(undefined as never)).toThrow(/pass what new Sequelize\(uri\) returned/);
    const other = { getDialect: () => "mssql", query() {}, transaction() {} };
    expect(() => sequelize(other as never)).toThrow(/mssql.*Use postgres, mysql, mariadb, or sqlite/);
    const dialectOptions = { rowsAsArray: true };
    expect(() => open(postgresUrl, { dialectOptions })).toThrow(/Pass an instance without it/);
  });

  it("takes rows as they are, whatever the application set for its own queries", async () => {
    const { connection, close } = open(postgresUrl, { query: { nest: true, plain: true, raw: false } });
    const { rows } = await connection.query({ text: `select 1 as "a.b" union select 2`, rows: true }, []);
    expect(rows).toEqual([{ "a.b": 1 }, { "a.b": 2 }]);
    await close();
  });

  it("gives the application's callbacks Sequelize's Transaction, in a READ COMMITTED transaction", async () => {
    const { instance, connection, close } = byMysql2();
    await instance.query("create table notes (id int primary key)");
    const counts = await connection.transaction!(async (transaction) => {
      expect(transaction).toBeInstanceOf(Transaction);
      const count = async () => (await instance.query("select count(*) as n from notes", { transaction }))[0];
      const before = await count();
      await instance.query("insert into notes values (1)");
      return [before, await count()];
    });
    expect(counts).toEqual([[{ n: 0 }], [{ n: 1 }]]);
    await close();
  });

  it("joins no transaction of the application that it wasn't given", async () => {
    const { instance, connection, close } = open(postgresUrl);
    await instance.query("create table apart (id int)");
    const running = new AsyncLocalStorage<Map<string, unknown>>();
    const namespace = {
      get: (key: string) => running.getStore()?.get(key),
      set: (key: string, value: unknown) => running.getStore()?.set(key, value),
      run: (work: (context: unknown) => void) => running.run(new Map(), () => work(running.getStore())),
      bind: (work: unknown) => work,
    };
    Sequelize.useCLS(namespace);
    try {
      const failed = instance.transaction(async () => {
        await connection.query({ text: "insert into apart values ($1)", rows: false }, [1]);
        // The control: the application's own statement is part of its transaction.
        await instance.query("insert into apart values (2)");
        throw new Error("no");
      });
      await expect(failed).rejects.toThrow("no");
    } finally {
      delete (Sequelize as unknown as { _cls?: unknown })._cls;
    }
    const { rows } = await connection.query({ text: "select id from apart", rows: true }, []);
    expect(rows).toEqual([{ id: 1 }]);
    await close();
  });

  it("fails with the driver's code, and without the statement's values", async () => {
    const { instance, connection, close } = open(postgresUrl);
    const failed = connection.query({ text: "select $1::int from nowhere", rows: true }, ["secret"]);
    const error = await failed.catch((one) => one);
    expect(error).toMatchObject({ code: "42P01" });
    expect(inspect(error)).not.toContain("secret");
    // The application's own error stays what it is. The code says whether a retry may help.
    const own = connection.transaction!((transaction) => instance.query("select nothing", { transaction }));
    await expect(own).rejects.toMatchObject({
      name: "SequelizeDatabaseError",
      cause: expect.objectContaining({ code: "42703" }),
    });
    await close();
  });
});
