import { DataSource, EntityManager } from "typeorm";
import { describe, expect, it } from "vitest";
import { typeorm } from "resetkit/connections/typeorm";
import { connectionSuite } from "resetkit/testing";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";
import { sqlSuite, sqlSuiteAgain } from "../servers/sql-suite.js";

const [postgresUrl, mariadbUrl] = await Promise.all([postgres(), mariadb()]);

sqlSuiteAgain("SQLite, by TypeORM", async () => {
  const source = await new DataSource({ type: "better-sqlite3", database: ":memory:" }).initialize();
  return { connection: typeorm(source), close: () => source.destroy() };
});

sqlSuite("PostgreSQL, by TypeORM", async () => {
  const source = await new DataSource({ type: "postgres", url: postgresUrl }).initialize();
  return { connection: typeorm(source), close: () => source.destroy() };
});

sqlSuiteAgain("MariaDB, by TypeORM", async () => {
  const source = await new DataSource({ type: "mariadb", url: mariadbUrl }).initialize();
  return { connection: typeorm(source), close: () => source.destroy() };
});

connectionSuite(
  { describe, it },
  "TypeORM on SQLite",
  async () => {
    const source = await new DataSource({ type: "better-sqlite3", database: ":memory:" }).initialize();
    return { connection: typeorm(source), close: () => source.destroy() };
  },
  { sizes: [1], control: false },
);

connectionSuite({ describe, it }, "TypeORM on PostgreSQL", async (poolSize) => {
  const source = await new DataSource({ type: "postgres", url: postgresUrl, poolSize }).initialize();
  return { connection: typeorm(source), driver: (text) => source.query(text), close: () => source.destroy() };
});

describe("typeorm", () => {
  it("refuses what is no data source, and other databases, with the fix", () => {
    expect(() => typeorm(undefined as never)).toThrow(/pass an initialized DataSource/);
    expect(() => typeorm(new DataSource({ type: "mongodb" }))).toThrow(/Use postgres, mysql, mariadb, or/);
  });

  it("gives the application's callbacks the EntityManager", async () => {
    const source = await new DataSource({ type: "better-sqlite3", database: ":memory:" }).initialize();
    await typeorm(source).transaction!(async (manager) => {
      expect(manager).toBeInstanceOf(EntityManager);
      expect(manager.queryRunner.isTransactionActive).toBe(true);
    });
    await source.destroy();
  });
});
