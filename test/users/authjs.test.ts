import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Sqlite from "better-sqlite3";
import { createPool } from "mysql2/promise";
import * as mysqlDriver from "mysql2";
import * as pgDriver from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { usersSuite } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { authjsUsers, type AuthjsUsersOptions } from "resetkit/users/authjs";
import { goodPassword, makeKit } from "../kit.js";
import { mariadb } from "../servers/mariadb.js";
import { packages } from "../servers/packages.js";
import { postgres } from "../servers/postgres.js";
import { hashPassword, onDatabase } from "./people-table.js";

const modules = await packages("authjs", {
  dependencies: {
    "@auth/core": "0.41.3",
    "@auth/d1-adapter": "1.11.3",
    "@auth/sequelize-adapter": "2.11.3",
    sequelize: "6.37.8",
  },
});
const load = (file: string): Promise<any> => import(pathToFileURL(join(modules, file)).href);
const { D1Adapter, up } = await load("@auth/d1-adapter/index.js");
const { default: SequelizeAdapter } = await load("@auth/sequelize-adapter/index.js");
const { Sequelize } = await load("sequelize/lib/index.mjs");

interface Opened {
  /** Auth.js's own, which has created its tables. */
  readonly adapter: any;
  readonly name: AuthjsUsersOptions["adapter"];
  readonly connection: SqlConnection;
  /** What a column that refers to a user has for a type. */
  readonly idType: string;
  close(): unknown;
}

const servers: Readonly<Record<string, () => Promise<Opened>>> = {
  async SQLite() {
    const db = new Sqlite(":memory:");
    await up(d1Of(db));
    const connection = betterSqlite3(db);
    return { adapter: D1Adapter(d1Of(db)), name: "d1", connection, idType: "text", close: () => db.close() };
  },
  async PostgreSQL() {
    const url = await postgres();
    const pool = new pgDriver.Pool({ connectionString: url });
    return withSequelize(url, pgDriver, pg(pool), "uuid", () => pool.end());
  },
  async MariaDB() {
    const url = await mariadb();
    const pool = createPool({ uri: url, timezone: "Z" });
    return withSequelize(url, mysqlDriver, mysql2(pool), "char(36) collate utf8mb4_bin", () => pool.end());
  },
};

/** As much of D1 as Auth.js's adapter calls. */
function d1Of(db: Sqlite.Database) {
  return {
    prepare(text: string) {
      const statement = (values: readonly unknown[]) => ({
        run: async () => db.prepare(text).run(...values),
        first: async () => db.prepare(text).get(...values) ?? null,
      });
      const bind = (...given: unknown[]) =>
        statement(given.map((one) => (one instanceof Date ? one.toISOString() : one)));
      return { ...statement([]), bind };
    },
  };
}

async function withSequelize(
  url: string,
  dialectModule: unknown,
  connection: SqlConnection,
  idType: string,
  end: () => unknown,
): Promise<Opened> {
  const sequelize = new Sequelize(url, { dialectModule, logging: false });
  const adapter = SequelizeAdapter(sequelize);
  // The adapter creates its tables all at once, and a foreign key may come before the table that it refers to.
  await sequelize.sync();
  const close = async () => {
    await sequelize.close();
    await end();
  };
  return { adapter, name: "sequelize", connection, idType, close };
}

const forms: Readonly<Record<string, AuthjsUsersOptions["passwordHash"]>> = {
  "a column": "password_hash",
  "a table": { table: "passwords", userId: "user_id", column: "hash" },
};

describe.each(Object.keys(servers))("authjsUsers on %s", (server) => {
  let opened: Opened;
  const run = (text: string) => opened.connection.query({ text, rows: false }, []);
  const usersWith = (form: string, more: Partial<AuthjsUsersOptions> = {}) =>
    authjsUsers(opened.connection, {
      adapter: opened.name,
      passwordHash: forms[form]!,
      hashPassword,
      ...more,
    });
  const startSession = async ({ id }: any) => {
    const sessionToken = crypto.randomUUID();
    const expires = new Date(Date.now() + 86_400_000);
    await opened.adapter.createSession({ sessionToken, userId: id, expires });
    return sessionToken;
  };

  beforeAll(async () => {
    opened = await servers[server]!();
    for (const email of ["ada@example.com", "new@example.com"]) {
      await opened.adapter.createUser({ id: crypto.randomUUID(), email, name: "Ada", emailVerified: null });
    }
    await run("alter table users add column password_hash varchar(200)");
    await run(`create table passwords (user_id ${opened.idType} primary key, hash varchar(200) not null)`);
    await migrate(opened.connection);
  });
  afterAll(() => opened?.close());

  /** Ada has a password, and the other one signs in with Google alone. */
  async function begin() {
    await run("update users set password_hash = null");
    await run("update users set password_hash = '#old' where email = 'ada@example.com'");
    await run("delete from passwords");
    await run("insert into passwords select id, '#old' from users where email = 'ada@example.com'");
    await run("delete from sessions");
  }

  describe.each(Object.keys(forms))("with the hash in %s", (form) => {
    it("ends sessions as Auth.js sees them", async () => {
      await begin();
      const users = usersWith(form);
      await expect(users.check!()).resolves.toEqual([]);
      const ada = await opened.adapter.getUserByEmail("ada@example.com");
      const session = await startSession(ada);
      expect(await opened.adapter.getSessionAndUser(session)).not.toBeNull();
      const { reset, ask } = makeKit({ users: users as never, store: sqlStore(opened.connection) });
      const { token } = await ask("ADA@example.com");
      await reset.confirm({ token, password: goodPassword });
      expect(await opened.adapter.getSessionAndUser(session)).toBeNull();
      expect(await reset.validate({ token })).toBe(false);
    });

    onDatabase(`authjsUsers on ${server}, hash in ${form}`, () => {
      usersSuite({ describe, it }, `authjsUsers on ${server}, hash in ${form}`, async () => {
        await begin();
        const tokens: string[] = [];
        return {
          users: usersWith(form),
          identifier: "ada@example.com",
          withoutPassword: "new@example.com",
          sessions: {
            start: async (user: any) => void tokens.push(await startSession(user)),
            async count(user: any) {
              const found = await Promise.all(tokens.map((one) => opened.adapter.getSessionAndUser(one)));
              return found.filter((one) => one?.user.id === user.id).length;
            },
          },
          transaction: opened.connection.transaction!,
        };
      });
    });
  });

  it("sets the columns of touch, and leaves sessions to a function", async () => {
    await begin();
    const ended: unknown[] = [];
    const users = usersWith("a column", {
      touch: { name: () => "Touched" },
      sessions: (user) => void ended.push(user.id),
    });
    const { reset, ask } = makeKit({ users: users as never, store: sqlStore(opened.connection) });
    await reset.confirm({ token: (await ask("ada@example.com")).token, password: goodPassword });
    const ada = await opened.adapter.getUserByEmail("ada@example.com");
    expect([ada.name, ended]).toEqual(["Touched", [ada.id]]);
  });
});

describe("authjsUsers", () => {
  const connection = betterSqlite3(new Sqlite(":memory:"));
  const options = { adapter: "prisma", passwordHash: "hash", hashPassword } as const;

  it("reports a table and a column that isn't there", async () => {
    await expect(authjsUsers(connection, options).check!()).rejects.toThrow(
      `authjsUsers's table is "User", but the database has no such table`,
    );
    await connection.query({ text: `create table "User" (id text, email text)`, rows: false }, []);
    await expect(authjsUsers(connection, options).check!()).rejects.toThrow(
      `authjsUsers's passwordHash is "hash", but the table "User" has no such column. Pass one of id, email.`,
    );
    const apart = { ...options, passwordHash: { table: "hashes", userId: "who", column: "hash" } };
    await expect(authjsUsers(connection, apart).check!()).rejects.toThrow(
      `authjsUsers's passwordHash.table is "hashes", but the database has no such table`,
    );
  });

  it("refuses what it can't work with, with the fix", () => {
    expect(() => authjsUsers({} as never, options)).toThrow("takes a connection, not a client");
    expect(() => authjsUsers(connection, { ...options, adapter: "mongoose" as never })).toThrow(
      `adapter is "mongoose". Pass the one that Auth.js uses: d1, drizzle, kysely`,
    );
    expect(() => authjsUsers(connection, { ...options, adapter: undefined as never })).toThrow(
      "adapter is missing",
    );
    expect(() => authjsUsers(connection, { ...options, identifier: "email" } as never)).toThrow(
      'no option "identifier"',
    );
    expect(() => authjsUsers(connection, { ...options, passwordHash: undefined as never })).toThrow(
      "authjsUsers's passwordHash is undefined",
    );
  });

  it("sends no email to a user without an email address", () => {
    for (const passwordHash of Object.values(forms)) {
      const users = authjsUsers(connection, { ...options, passwordHash });
      const asked = (email: string | null) => users.mayReset!({ id: "1", email }, {} as never);
      expect([asked("ada@example.com"), asked(null)]).toEqual([true, false]);
    }
  });
});
