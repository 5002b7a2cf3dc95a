import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Sqlite from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { usersSuite } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { betterAuthUsers } from "resetkit/users/better-auth";
import { goodPassword, makeKit } from "../kit.js";
import { mariadb } from "../servers/mariadb.js";
import { packages } from "../servers/packages.js";
import { postgres } from "../servers/postgres.js";
import { onDatabase } from "./people-table.js";

// The benchmarks install the same.
const modules = await packages("better-auth", { dependencies: { "better-auth": "1.7.25" } });
const load = (file: string): Promise<any> =>
  import(pathToFileURL(join(modules, "better-auth/dist", file)).href);
const { betterAuth } = await load("index.mjs");
const { getMigrations } = await load("db/get-migration.mjs");
const old = "an old password of mine";

interface Opened {
  /** What Better Auth takes. */
  readonly database: unknown;
  readonly connection: SqlConnection;
  close(): unknown;
}

const servers: Readonly<Record<string, () => Promise<Opened> | Opened>> = {
  SQLite() {
    const db = new Sqlite(":memory:");
    return { database: db, connection: betterSqlite3(db), close: () => db.close() };
  },
  async PostgreSQL() {
    const pool = new Pool({ connectionString: await postgres() });
    return { database: pool, connection: pg(pool), close: () => pool.end() };
  },
  async MariaDB() {
    const pool = createPool({ uri: await mariadb(), timezone: "Z" });
    return { database: pool, connection: mysql2(pool), close: () => pool.end() };
  },
};

/** Better Auth with its own tables. */
async function createAuth(database: unknown, more = {}) {
  const auth = betterAuth({
    baseURL: "http://127.0.0.1:3000",
    secret: "0123456789".repeat(4),
    database,
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    emailAndPassword: { enabled: true },
    ...more,
  });
  await (await getMigrations(auth.options)).runMigrations();
  return auth;
}

const signUp = (auth: any, email: string) =>
  auth.api.signUpEmail({ body: { email, password: old, name: "Ada" } });
const signIn = (auth: any, email: string, password: string) =>
  auth.api.signInEmail({ body: { email, password } });

describe.each(Object.keys(servers))("betterAuthUsers on %s", (name) => {
  let opened: Opened;
  let auth: any;
  const quoted = (text: string) => (name === "MariaDB" ? text.replaceAll('"', "`") : text);
  const run = (text: string, rows = false) => opened.connection.query({ text: quoted(text), rows }, []);
  /** As of a user who signs in another way. */
  const dropPassword = () =>
    run(`delete from "account" where "userId" in (select id from "user" where email = 'new@example.com')`);

  beforeAll(async () => {
    opened = await servers[name]!();
    auth = await createAuth(opened.database);
    await migrate(opened.connection);
    await signUp(auth, "ada@example.com");
    await signUp(auth, "new@example.com");
  });
  afterAll(() => opened?.close());

  it("lets Better Auth's own sign-in succeed with the new password, and ends its sessions", async () => {
    const users = betterAuthUsers(opened.connection, auth);
    await signIn(auth, "ada@example.com", old);
    const { reset, ask } = makeKit({ users: users as never, store: sqlStore(opened.connection) });
    const { token } = await ask("ADA@example.com");
    await reset.confirm({ token, password: goodPassword });
    await expect(signIn(auth, "ada@example.com", old)).rejects.toThrow("Invalid email or password");
    const { rows } = await run(
      `select token from "session" join "user" u on u.id = "userId" where email = 'ada@example.com'`,
      true,
    );
    expect(rows).toEqual([]);
    const { user } = await signIn(auth, "ada@example.com", goodPassword);
    expect(user.email).toBe("ada@example.com");
    expect(await reset.validate({ token })).toBe(false);
  });

  it("gives a user without a password their first one", async () => {
    await dropPassword();
    const users = betterAuthUsers(opened.connection, auth);
    const { reset, ask } = makeKit({ users: users as never, store: sqlStore(opened.connection) });
    await reset.confirm({ token: (await ask("new@example.com")).token, password: goodPassword });
    expect((await signIn(auth, "new@example.com", goodPassword)).user.email).toBe("new@example.com");
  });

  onDatabase(`betterAuthUsers on ${name}`, () => {
    usersSuite({ describe, it }, `betterAuthUsers on ${name}`, async () => {
      const { connection } = opened;
      await run(`delete from "session"`);
      await dropPassword();
      return {
        // Better Auth's own hash takes a while, and the suite makes many.
        users: betterAuthUsers(connection, auth, {
          hashPassword: (password) => `${crypto.randomUUID()}:${password.length}`,
        }),
        identifier: "ada@example.com",
        withoutPassword: "new@example.com",
        sessions: {
          start: async ({ id }: any) => (await auth.$context).internalAdapter.createSession(id),
          count: async ({ id }: any) => (await (await auth.$context).internalAdapter.listSessions(id)).length,
        },
        transaction: connection.transaction!,
      };
    });
  });
});

describe("betterAuthUsers", () => {
  it("follows the names that Better Auth was given", async () => {
    const db = new Sqlite(":memory:");
    const auth = await createAuth(db, {
      user: { modelName: "people", fields: { email: "mail" } },
      account: { modelName: "logins", fields: { userId: "person_id", password: "hash" } },
      session: { modelName: "visits", fields: { userId: "person_id" } },
    });
    await signUp(auth, "ada@example.com");
    const users = betterAuthUsers(betterSqlite3(db), auth);
    await expect(users.check!()).resolves.toEqual([]);
    const { reset, ask } = makeKit({ users: users as never });
    await reset.confirm({ token: (await ask("ada@example.com")).token, password: goodPassword });
    expect((await signIn(auth, "ada@example.com", goodPassword)).user.email).toBe("ada@example.com");
    db.exec("alter table logins rename column hash to digest");
    await expect(users.check!()).rejects.toThrow(
      `betterAuthUsers: the field password of Better Auth's account is "hash", but the table "logins" has no such column. Pass one of`,
    );
    await expect(users.findByIdentifier("ada@example.com", {})).rejects.toThrow(`is "hash", but the table`);
    db.exec("drop table visits");
    db.exec("alter table logins rename column digest to hash");
    await expect(users.check!()).rejects.toThrow(
      `Better Auth's session is "visits", but the database has no such table`,
    );
    db.close();
  });

  it("ends sessions that are kept elsewhere", async () => {
    const kept = new Map<string, string>();
    const secondaryStorage = {
      get: (key: string) => kept.get(key) ?? null,
      set: (key: string, value: string) => void kept.set(key, value),
      delete: (key: string) => void kept.delete(key),
    };
    const db = new Sqlite(":memory:");
    const auth = await createAuth(db, { secondaryStorage });
    await signUp(auth, "ada@example.com");
    const users = betterAuthUsers(betterSqlite3(db), auth);
    await expect(users.check!()).resolves.toEqual([]);
    const { reset, ask } = makeKit({ users: users as never });
    const { token } = await ask("ada@example.com");
    const { user } = await signIn(auth, "ada@example.com", old);
    const { internalAdapter } = await auth.$context;
    expect(await internalAdapter.listSessions(user.id)).not.toEqual([]);
    await reset.confirm({ token, password: goodPassword });
    expect(await internalAdapter.listSessions(user.id)).toEqual([]);
    db.close();
  });

  it("refuses what it can't work with, with the fix", () => {
    const connection = betterSqlite3(new Sqlite(":memory:"));
    expect(() => betterAuthUsers({} as never, {} as never)).toThrow("takes a connection, not a client");
    expect(() => betterAuthUsers(connection, {} as never)).toThrow("takes what betterAuth() returned");
    const auth = { options: {}, $context: Promise.resolve({}) };
    expect(() => betterAuthUsers(connection, auth, { table: "x" } as never)).toThrow('no option "table"');
  });
});
