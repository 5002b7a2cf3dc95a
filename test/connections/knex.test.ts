import createKnex from "knex";
import { describe, expect, it } from "vitest";
import { knex } from "resetkit/connections/knex";
import { connectionSuite } from "resetkit/testing";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";

const [postgresUrl, mariadbUrl] = await Promise.all([postgres(), mariadb()]);
const inMemory = { client: "better-sqlite3", connection: ":memory:", useNullAsDefault: true };

sqlSuite("SQLite, by Knex", async () => {
  const db = createKnex(inMemory);
  return { connection: knex(db), close: () => db.destroy() };
});

sqlSuiteAgain("PostgreSQL, by Knex", async () => {
  const db = createKnex({ client: "pg", connection: postgresUrl });
  return { connection: knex(db), close: () => db.destroy() };
});

sqlSuiteAgain("MariaDB, by Knex", async () => {
  const db = createKnex({ client: "mysql2", connection: mariadbUrl });
  return { connection: knex(db), close: () => db.destroy() };
});

connectionSuite(
  { describe, it },
  "Knex on SQLite",
  () => {
    const db = createKnex(inMemory);
    return { connection: knex(db), driver: (text) => db.raw(text), close: () => db.destroy() };
  },
  { sizes: [1] },
);

connectionSuite({ describe, it }, "Knex on PostgreSQL", (max) => {
  const db = createKnex({ client: "pg", connection: postgresUrl, pool: { min: 0, max } });
  return { connection: knex(db), driver: (text) => db.raw(text), close: () => db.destroy() };
});

describe("knex", () => {
  it("refuses what is no instance, and drivers that do not count, with the fix", () => {
    expect(() => knex(undefined as never)).toThrow(/pass what knex\(\{ client, connection \}\) returned/);
    const other = { raw() {}, transaction() {}, client: { config: { client: "sqlite3" } } };
    expect(() => knex(other as never)).toThrow(/Use pg, mysql2, or better-sqlite3/);
  });

  it("gives the application's callbacks Knex's trx", async () => {
    const db = createKnex(inMemory);
    await knex(db).transaction!(async (trx) => {
      expect((trx as unknown as typeof db).isTransaction).toBe(true);
    });
    await db.destroy();
  });
});
