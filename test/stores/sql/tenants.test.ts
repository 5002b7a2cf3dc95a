import Sqlite from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { passwordReset } from "resetkit";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { migrate, migrationSql, sqlStore } from "resetkit/stores/sql";
import { storeSuite } from "resetkit/testing";
import type { Message, SqlConnection } from "resetkit/types";
import { keptLog, secret } from "../../kit.js";
import { mariadb } from "../../servers/mariadb.js";
import { postgres } from "../../servers/postgres.js";
import { row, rule } from "../sql-samples.js";

const [postgresUrl, mariadbUrl] = await Promise.all([postgres(), mariadb()]);
const pools = [new Pool({ connectionString: postgresUrl })];
const admin = pools[0]!;
const mysqlPool = createPool(mariadbUrl);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await mysqlPool.end();
});

/** A pool whose connections have a search path. */
function poolOn(searchPath: string): Pool {
  const pool = new Pool({ connectionString: postgresUrl, options: `-c search_path=${searchPath}` });
  pools.push(pool);
  return pool;
}

async function tablesIn(schema: string): Promise<string[]> {
  const text =
    "select tablename from pg_tables where schemaname = $1 and tablename like 'resetkit%' order by 1";
  return (await admin.query(text, [schema])).rows.map(({ tablename }) => tablename);
}

const all = ["resetkit_counters", "resetkit_migrations", "resetkit_queue", "resetkit_tokens"];

describe("a schema for each tenant, chosen by search_path=tenant,public", () => {
  /** An application of which one schema has one account, with the id that another schema's has, too. */
  async function application(pool: Pool, schema: string, email: string) {
    await admin.query(`create schema if not exists ${schema}`);
    await admin.query(`create table ${schema}.users (id int primary key, email text, hash text)`);
    await admin.query(`insert into ${schema}.users values (1, $1, '#')`, [email]);
    await migrate(pg(pool));
    const mails: Message<any>[] = [];
    const reset = passwordReset<any>({
      users: {
        findByIdentifier: async (typed) =>
          (await pool.query("select * from users where email = $1", [typed])).rows,
        findById: async (id) => (await pool.query("select * from users where id = $1", [id])).rows[0],
        stateOf: (user) => [user.hash, user.email],
        setPassword: async (user, password) =>
          (await pool.query("update users set hash = $2 where id = $1", [user.id, password])).rowCount === 1,
        revokeSessions: "none",
      },
      secret,
      store: sqlStore(pg(pool)),
      url: "https://example.com/reset/{token}",
      deliver: (message) => void mails.push(message),
      throttles: false,
      worker: "outside",
      log: keptLog(),
    });
    return { reset, mails };
  }

  it("has tables of its own, though those of public were there first: no request and no limit is shared", async () => {
    const ofPublic = await application(admin, "public", "ada@example.com");
    const ofTenant = await application(poolOn("tenant_a,public"), "tenant_a", "bea@example.com");
    expect(await tablesIn("tenant_a")).toEqual(all);

    await ofTenant.reset.request({ identifier: "bea@example.com" });
    await ofPublic.reset.drain();
    await ofTenant.reset.drain();
    expect(ofTenant.mails.map(({ address }) => address)).toEqual(["bea@example.com"]);

    for (let i = 0; i < 3; i++) {
      await ofPublic.reset.request({ identifier: "ada@example.com" });
      await ofPublic.reset.drain();
    }
    await ofTenant.reset.request({ identifier: "bea@example.com" });
    await ofTenant.reset.drain();
    expect(ofTenant.mails).toHaveLength(2);
    expect(ofPublic.mails).toHaveLength(3);
  });

  it("is found missing by check as long as only public is migrated", async () => {
    await migrate(pg(admin));
    await admin.query("create schema tenant_b");
    const tenant = sqlStore(pg(poolOn("tenant_b,public")));
    await expect(tenant.check!()).rejects.toThrow('are missing in the current schema "tenant_b"');
  });

  it("goes to the first schema of the path that exists", async () => {
    await migrate(pg(poolOn("not_there,tenant_b,public")));
    expect(await tablesIn("tenant_b")).toEqual(all);
  });

  it("gets its indexes and later migrations there, too", async () => {
    await admin.query("create schema tenant_c");
    const tenant = pg(poolOn("tenant_c,public"));
    await migrate(tenant);
    const indexes = (schema: string) =>
      admin.query(
        "select indexname from pg_indexes where schemaname = $1 and indexname like 'resetkit%' order by 1",
        [schema],
      );
    expect((await indexes("tenant_c")).rows).toEqual((await indexes("public")).rows);
    await admin.query(
      "alter table tenant_c.resetkit_queue drop kind, drop key_id, drop attempts, drop failure",
    );
    await admin.query("delete from tenant_c.resetkit_migrations where version = 2");
    expect(await migrate(tenant)).toEqual([2]);
    await sqlStore(tenant).queue!.add({
      id: "0",
      sealed: new Uint8Array(1),
      addedAt: 0,
      dueAt: 0,
      kind: "request",
    });
    expect((await admin.query("select kind from tenant_c.resetkit_queue")).rows).toEqual([
      { kind: "request" },
    ]);
  });
});

describe("the option schema", () => {
  it("keeps tenants apart on one pool, whatever its search path is", async () => {
    const connection = pg(admin);
    await admin.query('create schema "Tenant-D"; create schema tenant_e');
    for (const schema of ["Tenant-D", "tenant_e"]) {
      expect(await migrate(connection, { schema })).toEqual([1, 2]);
      expect(await migrate(connection, { schema })).toEqual([]);
      expect(await tablesIn(schema)).toEqual(all);
    }
    const [one, other] = ["Tenant-D", "tenant_e"].map((schema) => sqlStore(connection, { schema }));
    await one!.check!();
    await one!.tokens.put(row(1), rule());
    expect(await other!.tokens.find(row(1).lookup)).toBeNull();
    expect(await other!.tokens.put(row(1), rule())).toBe("stored");
  });

  it("is in the SQL that migrationSql prints", async () => {
    await admin.query("create schema printed");
    await admin.query(migrationSql("postgres", { schema: "printed" }));
    await sqlStore(pg(admin), { schema: "printed" }).check!();
    expect(await tablesIn("printed")).toEqual(all);
  });

  it("leaves statements unprepared whose names PostgreSQL would cut", async () => {
    const schema = "s".repeat(60);
    await admin.query(`create schema ${schema}`);
    await migrate(pg(admin), { schema });
    const names: (string | undefined)[] = [];
    const { query, ...rest } = pg(admin);
    const spied: SqlConnection = { ...rest, query: (...call) => (names.push(call[0].name), query(...call)) };
    const { tokens } = sqlStore(spied, { schema });
    await tokens.put(row(1), rule());
    expect(await tokens.find(row(1).lookup)).toMatchObject({ userId: "ada" });
    expect(new Set(names)).toEqual(new Set([undefined]));
  });

  it("refuses names that aren't plain, and any name on SQLite", async () => {
    for (const schema of ["", "a.b", 'a"b', "a?", "x".repeat(64), 1 as never]) {
      expect(() => sqlStore(pg(admin), { schema })).toThrow(
        `schema is ${JSON.stringify(schema)}. Use 1 to 63`,
      );
      await expect(migrate(pg(admin), { schema })).rejects.toThrow(TypeError);
    }
    const sqlite = betterSqlite3(new Sqlite(":memory:"));
    const refusal =
      'schema is "tenant_a", but SQLite has no schemas. Leave it out, and keep tables apart with `prefix`.';
    expect(() => sqlStore(sqlite, { schema: "tenant_a" })).toThrow(refusal);
    await expect(migrate(sqlite, { schema: "tenant_a" })).rejects.toThrow(refusal);
    expect(() => migrationSql("sqlite", { schema: "tenant_a" })).toThrow(refusal);
  });
});

const elsewhere = `other_${crypto.randomUUID().slice(0, 8)}`;

for (const [name, connection] of [
  ["PostgreSQL", pg(admin)],
  ["MariaDB", mysql2(mysqlPool)],
] as const) {
  const inSchema = async () => {
    const create = connection.dialect === "mysql" ? "database" : "schema";
    await connection.query({ text: `create ${create} if not exists ${elsewhere}`, rows: false }, []);
    await migrate(connection, { schema: elsewhere });
    for (const table of ["tokens", "counters", "queue"]) {
      await connection.query({ text: `delete from ${elsewhere}.resetkit_${table}`, rows: false }, []);
    }
    return { store: sqlStore(connection, { schema: elsewhere }) };
  };
  storeSuite({ describe, it }, `a store in another schema of ${name}`, inSchema);
}
