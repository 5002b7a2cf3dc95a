import Sqlite from "better-sqlite3";
import { Pool } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { sqlStore } from "resetkit/stores/sql";
import type { SqlConnection } from "resetkit/types";
import { migrated, row, rule, start } from "./sql-samples.js";
import { postgres } from "../servers/postgres.js";

const pool = new Pool({ connectionString: await postgres() });
afterAll(() => pool.end());

describe("sqlStore", () => {
  it("refuses a client that no connection wraps, and options that it does not know, with the fix", () => {
    expect(() => sqlStore(pool as never)).toThrow(/Wrap the client, as in sqlStore\(pg\(pool\)\)/);
    expect(() => sqlStore(undefined as never)).toThrow(TypeError);
    expect(() => sqlStore(pg(pool), { prefx: "a_" } as never)).toThrow(/Did you mean "prefix"\?/);
    expect(() => sqlStore(pg(pool), { prefix: "a; drop table users" })).toThrow(/prefix is "a; drop table/);
    expect(() => sqlStore(pg(pool), { parseId: 1 } as never)).toThrow(/pass a function of the id's text/);
  });

  it("refuses MySQL without transactions", () => {
    const { query, database } = pg(pool);
    expect(() => sqlStore({ dialect: "mysql", query, database })).toThrow(/without transactions/);
  });

  it("makes ObjectIds of their text by parseId, and gives the text without it", async () => {
    const connection = await migrated();
    const objectId = (text: string) => ({ toHexString: () => text, made: true });
    const userId = objectId("65f0c0ffee65f0c0ffee65f0");
    await sqlStore(connection).tokens.put(row(1, { userId }), rule());
    const found = await sqlStore(connection, { parseId: objectId }).tokens.find(row(1).lookup);
    expect(found!.userId).toMatchObject({ made: true });
    expect((await sqlStore(connection).tokens.find(row(1).lookup))!.userId).toBe("65f0c0ffee65f0c0ffee65f0");
  });

  it("refuses ids and scopes that a column could cut, and takes the longest that fit", async () => {
    const { tokens } = sqlStore(await migrated());
    await expect(tokens.put(row(1, { userId: "ä".repeat(127) }), rule())).rejects.toThrow(
      /longer than 255 bytes/,
    );
    await expect(tokens.put(row(1, { scope: "x".repeat(256) }), rule())).rejects.toThrow(
      /The scope is longer/,
    );
    const longest = row(1, { userId: "ä".repeat(126), scope: "x".repeat(255) });
    expect(await tokens.put(longest, rule())).toBe("stored");
    expect(await tokens.find(longest.lookup)).toEqual(longest);
  });

  it("stores an address and a browser that hold NUL, which PostgreSQL's text cannot", async () => {
    const { tokens } = sqlStore(await migrated(pg(pool), "nul_"), { prefix: "nul_" });
    await tokens.put(row(1, { ip: "\0", userAgent: "a\0b" }), rule());
    expect(await tokens.find(row(1).lookup)).toMatchObject({ ip: "\uFFFD", userAgent: "a\uFFFDb" });
  });

  it("lets the database itself keep the cap: no two rows of an account share a slot", async () => {
    const db = new Sqlite(":memory:");
    const { tokens } = sqlStore(await migrated(betterSqlite3(db)));
    await tokens.put(row(1), rule({ maxLive: 1 }));
    const copy = db.prepare(
      "insert into resetkit_tokens select x'02', proof, null, null, null, scope, user_id, slot, created_at, expires_at, delivery, leased_until, ip, user_agent from resetkit_tokens",
    );
    expect(() => copy.run()).toThrow(/UNIQUE constraint failed: .*scope, .*user_id, .*slot/);
  });

  it("keeps a row of issueFor and its successor in slots below zero, and requests in the lowest free ones", async () => {
    const db = new Sqlite(":memory:");
    const { tokens } = sqlStore(await migrated(betterSqlite3(db)));
    const accepted = { delivery: "accepted" } as const;
    for (const number of [1, 2]) await tokens.put(row(number, { ...accepted, issued: true }), rule());
    await tokens.put(row(3, accepted), rule({ maxLive: 1 }));
    const later = { createdAt: start + 7_200_000 };
    await tokens.put(row(4, later), rule({ now: later.createdAt, maxLive: 1 }));
    // A process that died between the two steps of `delivered` leaves two accepted rows.
    await tokens.put(row(5, { issued: true }), rule());
    const slots = db.prepare("select slot from resetkit_tokens order by created_at, rowid").pluck().all();
    expect(slots).toEqual([-1, -2, 0, -3, 1]);
  });

  it("keeps a lowered cap in a race, with rows in slots that are no more (200 callers)", async () => {
    for (const slots of [[0, 4], [2, 4], [3, 4], [4]]) {
      const db = new Sqlite(":memory:");
      const connection = await migrated(betterSqlite3(db));
      for (let i = 0; i < 5; i++) {
        await sqlStore(connection).tokens.put(row(i), rule({ maxLive: 5 }));
      }
      db.exec(`delete from resetkit_tokens where slot not in (${slots.join()})`);
      const slow: SqlConnection = {
        ...connection,
        query: async (...query) => {
          await new Promise((resolve) => setImmediate(resolve));
          return connection.query(...query);
        },
      };
      const { tokens } = sqlStore(slow);
      await Promise.all(Array.from({ length: 200 }, (_, i) => tokens.put(row(10 + i), rule({ maxLive: 3 }))));
      expect(await tokens.liveOf("ada", { scope: "", now: start })).toHaveLength(3);
    }
  });

  it("changes the application's rows and its own in one transaction, by the driver's handle", async () => {
    await pool.query("create table users (id int primary key, password text)");
    await pool.query("insert into users values (1, 'old')");
    const store = sqlStore(await migrated(pg(pool), "users_"), { prefix: "users_" });
    await store.tokens.put(row(1), rule());
    const confirm = (fails: boolean) =>
      store.transaction!(async (client) => {
        await client.query("update users set password = 'new' where id = 1");
        expect(await store.tokens.finish(row(1).lookup, { transaction: client })).toBe(true);
        if (fails) throw new Error("no sessions");
      });
    const password = async () => (await pool.query("select password from users")).rows[0].password;

    await expect(confirm(true)).rejects.toThrow("no sessions");
    expect(await password()).toBe("old");
    expect(await store.tokens.find(row(1).lookup)).not.toBeNull();
    await confirm(false);
    expect(await password()).toBe("new");
    expect(await store.tokens.find(row(1).lookup)).toBeNull();
  });

  it("keeps tables of several prefixes apart in one database", async () => {
    const connection = betterSqlite3(new Sqlite(":memory:"));
    await migrated(connection, "a_");
    await migrated(connection, "b_");
    await sqlStore(connection, { prefix: "a_" }).tokens.put(row(1), rule());
    expect(await sqlStore(connection, { prefix: "b_" }).tokens.find(row(1).lookup)).toBeNull();
  });
});

describe("what the database gave up for a passing reason", () => {
  /** A connection that fails so many times before it works. */
  async function failing(times: number, error: object) {
    const inner = await migrated();
    let calls = 0;
    const connection: SqlConnection = {
      ...inner,
      async query(...query) {
        if (++calls <= times) throw Object.assign(new Error("no"), error);
        return inner.query(...query);
      },
    };
    return { store: sqlStore(connection), calls: () => calls };
  }

  const passing = [
    { code: "40001" },
    { code: "40P01" },
    { code: "SQLITE_BUSY" },
    { code: "ERR_SQLITE_ERROR", errcode: 5 },
    { code: "ER_LOCK_DEADLOCK", errno: 1213 },
    { name: "QueryFailedError", driverError: { errno: 1205 } },
    { name: "DrizzleQueryError", cause: { code: "40P01" } },
    { code: "P2034" },
    { code: "P2010", meta: { driverAdapterError: { cause: { originalCode: "1213" } } } },
  ];
  for (const error of passing) {
    it(`is tried again, at most six times: ${JSON.stringify(error)}`, async () => {
      const lucky = await failing(6, error);
      expect(await lucky.store.tokens.find(row(1).lookup)).toBeNull();
      expect(lucky.calls()).toBe(7);
      const unlucky = await failing(7, error);
      await expect(unlucky.store.tokens.find(row(1).lookup)).rejects.toMatchObject(error);
      expect(unlucky.calls()).toBe(7);
    });
  }

  it("is not tried again where the reason stays", async () => {
    const { store, calls } = await failing(1, { code: "42P01" });
    await expect(store.tokens.find(row(1).lookup)).rejects.toThrow("no");
    expect(calls()).toBe(1);
  });

  it("is not tried again within a transaction of the caller's, who alone can begin it again", async () => {
    const { store, calls } = await failing(1, { code: "40001" });
    await expect(store.tokens.finish(row(1).lookup, { transaction: {} })).rejects.toThrow("no");
    expect(calls()).toBe(1);
  });

  it("makes a whole transaction run again", async () => {
    const store = sqlStore(await migrated());
    let runs = 0;
    const result = await store.transaction!(async () => {
      if (++runs < 3) throw Object.assign(new Error("deadlock"), { code: "40P01" });
      return "done";
    });
    expect([result, runs]).toEqual(["done", 3]);
  });

  it("reaches the caller as it is where PostgreSQL is serializable, and two transactions collide for good", async () => {
    const store = sqlStore(await migrated(pg(pool), "serial_"), { prefix: "serial_" });
    await store.tokens.put(row(1), rule());
    await pool.query("create table balance (id int primary key, n int)");
    await pool.query("insert into balance values (1, 0)");
    let runs = 0;
    let bothHaveRead = () => {};
    const reading = new Promise<void>((resolve) => (bothHaveRead = resolve));
    const add = () =>
      store.transaction!(async (client) => {
        runs++;
        await client.query("set transaction isolation level serializable");
        const { rows } = await client.query("select n from balance where id = 1");
        if (runs >= 2) bothHaveRead();
        await reading;
        await client.query("update balance set n = $1 where id = 1", [rows[0].n + 1]);
      });
    await Promise.all([add(), add()]);
    expect((await pool.query("select n from balance")).rows).toEqual([{ n: 2 }]);
    expect(runs).toBeGreaterThan(2);
  });
});

describe("check", () => {
  const at = (version: string, dialect: SqlConnection["dialect"]): SqlConnection => ({
    dialect,
    database: {},
    query: async () => ({ rows: [{ version }], changes: 0 }),
    transaction: () => Promise.reject(new Error("not asked for")),
  });

  it("is content with what migrate made", async () => {
    await sqlStore(await migrated()).check!();
    await sqlStore(await migrated(pg(pool), "check_"), { prefix: "check_" }).check!();
  });

  it("says how to make tables that are missing", async () => {
    const connection = betterSqlite3(new Sqlite(":memory:"));
    await expect(sqlStore(connection).check!()).rejects.toThrow(
      'The tables resetkit_* are missing. Run "npx resetkit migrate", or migrate(connection) of resetkit/stores/sql.',
    );
    await expect(sqlStore(pg(pool), { prefix: "none_" }).check!()).rejects.toThrow(
      'The tables none_* are missing in the current schema "public" (option `schema` names another one). Run',
    );
    await expect(sqlStore(pg(pool), { prefix: "none_", schema: "elsewhere" }).check!()).rejects.toThrow(
      'The tables none_* are missing in "elsewhere". Run',
    );
  });

  it("refuses tables of a newer resetkit", async () => {
    const connection = await migrated();
    await connection.query(
      { text: "insert into resetkit_migrations (version, name) values (99, 'later')", rows: false },
      [],
    );
    await expect(sqlStore(connection).check!()).rejects.toThrow(
      /are at version 99, but this version of resetkit only knows 2/,
    );
  });

  it("refuses servers that are too old, by name", async () => {
    const refusal = (version: string, dialect: SqlConnection["dialect"]) =>
      sqlStore(at(version, dialect)).check!().then(
        () => "fine",
        (error: Error) => error.message,
      );
    expect(await refusal("3.34.1", "sqlite")).toBe("SQLite 3.34.1 is too old. Use 3.35 or newer.");
    expect(await refusal("11.22 (Debian 11.22-0)", "postgres")).toMatch(
      /^PostgreSQL 11.22 .*Use 12 or newer/,
    );
    expect(await refusal("5.7.44", "mysql")).toMatch(/^MySQL 5.7.44 .*Use 8.0 or newer/);
    expect(await refusal("10.4.34-MariaDB", "mysql")).toMatch(/^MariaDB 10.4.34.*Use 10.5 or newer/);
    expect(await refusal("5.5.5-10.4.1-MariaDB", "mysql")).toMatch(/^MariaDB .*Use 10.5 or newer/);
    for (const [version, dialect] of [
      ["3.35.0", "sqlite"],
      ["18beta1", "postgres"],
      ["8.0.36", "mysql"],
      ["10.11.19-MariaDB-0+deb12u1", "mysql"],
      ["5.5.5-10.11.2-MariaDB", "mysql"],
    ] as const) {
      expect(await refusal(version, dialect)).not.toMatch(/is too old/);
    }
  });

  it("asks the server again after a failure", async () => {
    const inner = await migrated();
    let calls = 0;
    const connection = {
      ...inner,
      query: (...query: Parameters<typeof inner.query>) =>
        ++calls === 1 ? Promise.reject(new Error("away")) : inner.query(...query),
    };
    const store = sqlStore(connection);
    await expect(store.check!()).rejects.toThrow("away");
    await store.check!();
  });
});

describe("two connections to one better-sqlite3 database", () => {
  it("wait for each other's transactions", async () => {
    const db = new Sqlite(":memory:");
    const [one, other] = [sqlStore(await migrated(betterSqlite3(db))), sqlStore(betterSqlite3(db))];
    let fail = () => {};
    const failing = new Promise<void>((_, reject) => (fail = () => reject(new Error("no"))));
    let entered = () => {};
    const entering = new Promise<void>((resolve) => (entered = resolve));
    const work = one.transaction!(() => (entered(), failing));
    await entering;
    const beside = other.tokens.put(row(1), rule());
    fail();
    await expect(work).rejects.toThrow("no");
    expect(await beside).toBe("stored");
    expect(await one.tokens.liveOf("ada", { scope: "", now: start })).toHaveLength(1);
  });
});
