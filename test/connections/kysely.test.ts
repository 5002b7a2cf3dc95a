import Sqlite from "better-sqlite3";
import {
  CompiledQuery,
  type Dialect,
  CamelCasePlugin,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteDialect,
} from "kysely";
import { createPool } from "mysql2";
import { Pool } from "pg";
import { describe, expect, it } from "vitest";
import { kysely } from "resetkit/connections/kysely";
import { connectionSuite, type ConnectionSubject } from "resetkit/testing";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";

const [connectionString, mariadbUrl] = await Promise.all([postgres(), mariadb()]);

sqlSuiteAgain("SQLite, by Kysely", async () => {
  const db = new Kysely<any>({ dialect: new SqliteDialect({ database: new Sqlite(":memory:") }) });
  return { connection: kysely(db), close: () => db.destroy() };
});

sqlSuite("PostgreSQL, by Kysely with names in camel case", async () => {
  const dialect = new PostgresDialect({ pool: new Pool({ connectionString }) });
  const db = new Kysely<any>({ dialect, plugins: [new CamelCasePlugin()] });
  return { connection: kysely(db), close: () => db.destroy() };
});

sqlSuiteAgain("MariaDB, by Kysely", async () => {
  const db = new Kysely<any>({ dialect: new MysqlDialect({ pool: createPool(mariadbUrl) }) });
  return { connection: kysely(db), close: () => db.destroy() };
});

connectionSuite(
  { describe, it },
  "Kysely on SQLite",
  () => subject(new SqliteDialect({ database: new Sqlite(":memory:") })),
  { sizes: [1] },
);

connectionSuite({ describe, it }, "Kysely on PostgreSQL", (max) =>
  subject(new PostgresDialect({ pool: new Pool({ connectionString, max }) })),
);

function subject(dialect: Dialect): ConnectionSubject {
  const db = new Kysely<any>({ dialect });
  return {
    connection: kysely(db),
    driver: (text) => db.executeQuery(CompiledQuery.raw(text)),
    close: () => db.destroy(),
  };
}

describe("kysely", () => {
  it("refuses what is no instance, with the fix", () => {
    expect(() => kysely(undefined as never)).toThrow(/pass what new Kysely\(\{ dialect \}\) returned/);
  });

  it("gives the application's callbacks Kysely's transaction", async () => {
    const db = new Kysely<any>({ dialect: new SqliteDialect({ database: new Sqlite(":memory:") }) });
    await kysely(db).transaction!(async (trx) => expect((trx as typeof db).isTransaction).toBe(true));
    await db.destroy();
  });
});
