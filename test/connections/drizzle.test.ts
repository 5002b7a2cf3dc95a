import Sqlite from "better-sqlite3";
import { sql } from "drizzle-orm";
import { drizzle as onSqlite } from "drizzle-orm/better-sqlite3";
import { drizzle as onMysql } from "drizzle-orm/mysql2";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { drizzle as onPostgresJs } from "drizzle-orm/postgres-js";
import { withReplicas } from "drizzle-orm/sqlite-core";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import postgresClient from "postgres";
import { describe, expect, it } from "vitest";
import { drizzle } from "resetkit/connections/drizzle";
import { connectionSuite } from "resetkit/testing";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";

const [postgresUrl, secondUrl, mariadbUrl] = await Promise.all([postgres(), postgres(), mariadb()]);

sqlSuiteAgain("SQLite, by Drizzle", async () => {
  const client = new Sqlite(":memory:");
  return { connection: drizzle(onSqlite(client)), close: () => client.close() };
});

sqlSuite("PostgreSQL, by Drizzle on pg", async () => {
  const pool = new Pool({ connectionString: postgresUrl });
  return { connection: drizzle(onPg(pool)), close: () => pool.end() };
});

sqlSuiteAgain("PostgreSQL, by Drizzle on postgres.js", async () => {
  const client = postgresClient(secondUrl, { onnotice() {} });
  return { connection: drizzle(onPostgresJs(client)), close: () => client.end() };
});

sqlSuiteAgain("MariaDB, by Drizzle", async () => {
  const pool = createPool(mariadbUrl);
  return { connection: drizzle(onMysql(pool)), close: () => pool.end() };
});

connectionSuite(
  { describe, it },
  "Drizzle on SQLite",
  () => {
    const client = new Sqlite(":memory:");
    return { connection: drizzle(onSqlite(client)), close: () => client.close() };
  },
  { sizes: [1], control: false },
);

connectionSuite({ describe, it }, "Drizzle on pg", (max) => {
  const pool = new Pool({ connectionString: postgresUrl, max });
  const db = onPg(pool);
  return { connection: drizzle(db), driver: (text) => db.execute(sql.raw(text)), close: () => pool.end() };
});

describe("drizzle", () => {
  it("refuses what is no database, with the fix", () => {
    expect(() => drizzle(undefined as never)).toThrow(/pass what drizzle\(client\) returned/);
    expect(() => drizzle({ transaction() {} })).toThrow(
      /Pass what drizzle\(client\) of drizzle-orm returned/,
    );
  });

  it("runs on the primary of withReplicas, never on a replica", async () => {
    const primary = new Sqlite(":memory:");
    const replica = new Sqlite(":memory:");
    primary.exec("create table notes (id integer)");
    const db = withReplicas(onSqlite(primary), [onSqlite(replica)]);
    const connection = drizzle(db);
    await connection.query({ text: "insert into notes values (?)", rows: false }, [1]);
    const { rows } = await connection.query({ text: "select id from notes", rows: true }, []);
    expect(rows).toEqual([{ id: 1 }]);
    for (const client of [primary, replica]) client.close();
  });

  it("refuses a database without transactions, and names another driver", () => {
    const kind = { [Symbol.for("drizzle:entityKind")]: "NeonHttpSession" };
    const NeonHttpSession = Object.assign(class {}, kind);
    const pool = new Pool({ connectionString: postgresUrl });
    const db = Object.assign(onPg(pool), { session: new NeonHttpSession() });
    expect(() => drizzle(db)).toThrow(
      /neon-http, which has no transactions\. Use drizzle-orm\/neon-serverless/,
    );
  });

  it("gives the application's callbacks what Drizzle's own queries run on", async () => {
    const client = new Sqlite(":memory:");
    const db = onSqlite(client);
    db.run(sql`create table notes (id integer)`);
    const work = drizzle(db).transaction!(async (tx: typeof db) => {
      tx.run(sql`insert into notes values (1)`);
      throw new Error("no");
    });
    await expect(work).rejects.toThrow("no");
    expect(db.all(sql`select * from notes`)).toEqual([]);
    client.close();
  });
});
