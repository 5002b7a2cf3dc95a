import Sqlite from "better-sqlite3";
import { sql } from "drizzle-orm";
import { drizzle as onSqlite } from "drizzle-orm/better-sqlite3";
import { bigint, boolean, datetime, mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { drizzle as onMysql } from "drizzle-orm/mysql2";
import { drizzle as onPg } from "drizzle-orm/node-postgres";
import { bigserial, pgTable, boolean as pgBoolean, text as pgText, timestamp } from "drizzle-orm/pg-core";
import { drizzle as onPostgresJs } from "drizzle-orm/postgres-js";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import postgresClient from "postgres";
import { describe, expect, expectTypeOf, it } from "vitest";
import { drizzle } from "resetkit/connections/drizzle";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { drizzleUsers, type DrizzleUsersOptions } from "resetkit/users/drizzle";
import { goodPassword, makeKit } from "../kit.js";
import { mariadb } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { postgres } from "../servers/postgres.js";
import { hashPassword, rowsOf, sqlUsersSuite, tables } from "./people-table.js";

const [pgUrl, postgresJsUrl, mariadbUrl, mysqlPlace] = await Promise.all([
  postgres(),
  postgres(),
  mariadb(),
  mysql(),
]);

const lite = {
  users: sqliteTable("user", {
    id: integer().primaryKey(),
    email: text().notNull(),
    username: text(),
    passwordHash: text("password_hash"),
    active: integer({ mode: "boolean" }).notNull(),
    changedAt: text("changed_at"),
    updatedAt: text("updated_at"),
  }),
  sessions: sqliteTable("sessions", { token: text(), userId: integer("user_id") }),
};

const pgSchema = {
  users: pgTable("user", {
    id: bigserial({ mode: "bigint" }).primaryKey(),
    email: pgText().notNull(),
    username: pgText(),
    passwordHash: pgText("password_hash"),
    active: pgBoolean().notNull(),
    changedAt: timestamp("changed_at", { withTimezone: true }),
    updatedAt: timestamp("updated_at").$onUpdate(() => new Date()),
  }),
};

const mysqlSchema = {
  users: mysqlTable("user", {
    id: bigint({ mode: "number", unsigned: true }).primaryKey(),
    email: varchar({ length: 200 }).notNull(),
    username: varchar({ length: 100 }),
    passwordHash: varchar("password_hash", { length: 255 }),
    active: boolean().notNull(),
    changedAt: datetime("changed_at", { fsp: 6 }),
    updatedAt: datetime("updated_at"),
  }),
};

type Users = typeof lite.users;

/** The same for each dialect, whose tables have the same properties. */
const optionsFor = (users: any): DrizzleUsersOptions<any> => ({
  identifier: [users.email, users.username],
  passwordHash: users.passwordHash,
  state: [users.active, users.changedAt],
  eligible: (user: { active: boolean }) => user.active === true,
  // Its table may be absent from the schema.
  sessions: { table: "sessions", userId: "user_id" },
  hashPassword,
});

sqlUsersSuite(
  "drizzleUsers on better-sqlite3",
  () => {
    const client = new Sqlite(":memory:");
    const db = onSqlite(client);
    return { connection: drizzle(db), close: () => client.close() };
  },
  {
    make: ({ connection }) =>
      drizzleUsers(connection.database as never, lite.users, {
        ...optionsFor(lite.users),
        sessions: { table: lite.sessions, userId: lite.sessions.userId },
      }),
  },
);

const onServer = (users: typeof pgSchema.users | typeof mysqlSchema.users) => ({
  make: ({ connection }: { readonly connection: { readonly database?: object | undefined } }) =>
    drizzleUsers(connection.database as never, users, optionsFor(users)),
});

sqlUsersSuite(
  "drizzleUsers on PostgreSQL, by pg",
  () => {
    const pool = new Pool({ connectionString: pgUrl });
    return { connection: drizzle(onPg(pool)), close: () => pool.end() };
  },
  onServer(pgSchema.users),
);

sqlUsersSuite(
  "drizzleUsers on PostgreSQL, by postgres.js",
  () => {
    const client = postgresClient(postgresJsUrl, { onnotice() {} });
    return { connection: drizzle(onPostgresJs(client)), close: () => client.end() };
  },
  onServer(pgSchema.users),
);

const servers = { MariaDB: mariadbUrl, ...("url" in mysqlPlace && { MySQL: mysqlPlace.url }) };
for (const [name, url] of Object.entries(servers)) {
  sqlUsersSuite(
    `drizzleUsers on ${name}, by mysql2`,
    () => {
      const pool = createPool(url);
      return { connection: drizzle(onMysql(pool)), close: () => pool.end() };
    },
    onServer(mysqlSchema.users),
  );
}

/** A database of its own in memory, with the accounts. */
function inMemory(config = {}) {
  const client = new Sqlite(":memory:");
  for (const text of [...tables.sqlite, ...rowsOf("sqlite")]) client.exec(text);
  return { client, db: onSqlite(client, config) };
}

const changed = (change: object) => ({ ...optionsFor(lite.users), ...change }) as DrizzleUsersOptions<Users>;

describe("drizzleUsers", () => {
  it("returns accounts as Drizzle's own select does, typed from the schema", async () => {
    const { db } = inMemory();
    const users = drizzleUsers(db, lite.users, {
      identifier: lite.users.email,
      passwordHash: lite.users.passwordHash,
      eligible: (user) => {
        expectTypeOf(user).toEqualTypeOf<typeof lite.users.$inferSelect>();
        return user.active;
      },
      touch: { updatedAt: () => "now" },
      sessions: "none",
      hashPassword,
    });
    const found = [await users.findByIdentifier("ada@example.com", {})].flat();
    expect(found).toEqual(db.select().from(lite.users).all().slice(0, 1));
  });

  it("returns the same on servers, whatever the driver makes of times and large numbers", async () => {
    const pool = new Pool({ connectionString: await postgres() });
    const maria = createPool(await mariadb());
    const compare = async (db: any, table: any) => {
      const { dialect, query } = drizzle(db);
      for (const text of [...tables[dialect], ...rowsOf(dialect)]) await query({ text, rows: false }, []);
      const users = drizzleUsers(db, table, optionsFor(table));
      for (const expected of await db.select().from(table)) {
        expect(await users.findById(expected.id, {})).toEqual(expected);
      }
    };
    await compare(onPg(pool), pgSchema.users);
    await compare(onMysql(maria), mysqlSchema.users);
    await pool.end();
    await maria.end();
  });

  it("takes only columns of the table, of columns that it has", () => {
    const use = (options: DrizzleUsersOptions<Users>) => options;
    const rest = { sessions: "none", hashPassword } as const;
    use({ identifier: lite.users.email, passwordHash: lite.users.passwordHash, ...rest });
    // @ts-expect-error -- another table's column
    use({ identifier: lite.sessions.token, passwordHash: lite.users.passwordHash, ...rest });
    // @ts-expect-error -- a name
    use({ identifier: "email", passwordHash: lite.users.passwordHash, ...rest });
    const touch = { updated: () => "now" };
    // @ts-expect-error -- no such property
    use({ identifier: lite.users.email, passwordHash: lite.users.passwordHash, ...rest, touch });
  });

  it("resets a password in one transaction with the store's, and sets what is touched", async () => {
    const { client, db } = inMemory();
    await migrate(drizzle(db));
    const users = drizzleUsers(db, lite.users, changed({ touch: { updatedAt: () => "today" } }));
    const { reset, ask } = makeKit({ users: users as never, store: sqlStore(drizzle(db)) });
    const { token } = await ask("ADA@example.com");
    client.exec(
      "create trigger no before delete on sessions begin select raise(abort, 'no sessions today'); end",
    );
    client.exec("insert into sessions values ('s', 1)");
    await expect(reset.confirm({ token, password: goodPassword })).rejects.toThrow();
    const read = () => client.prepare("select password_hash, updated_at from user where id = 1").get();
    expect(read()).toEqual({ password_hash: "#old", updated_at: null });
    client.exec("drop trigger no");
    await reset.confirm({ token, password: goodPassword });
    expect(read()).toMatchObject({ updated_at: "today" });
    expect(client.prepare("select count(*) from sessions").pluck().get()).toBe(0);
  });

  it("sets the columns that have $onUpdate, and refuses SQL there", async () => {
    const { client, db } = inMemory();
    const table = sqliteTable("user", {
      id: integer().primaryKey(),
      email: text().notNull(),
      hash: text("password_hash"),
      updatedAt: integer("updated_at", { mode: "timestamp" }).$onUpdate(() => new Date(1_700_000_000_000)),
    });
    const options = {
      identifier: table.email,
      passwordHash: table.hash,
      sessions: "none",
      hashPassword,
    } as const;
    const users = drizzleUsers(db, table, options);
    const [user] = [await users.findByIdentifier("ada@example.com", {})].flat();
    expect(await users.setPassword(user!, "#new", { expected: await users.stateOf(user!, {}) })).toBe(true);
    expect(client.prepare("select updated_at from user where id = 1").pluck().get()).toMatch(/^1700000000/);

    const withSql = sqliteTable("user", {
      id: integer().primaryKey(),
      email: text().notNull(),
      hash: text("password_hash"),
      updatedAt: text("updated_at").$onUpdate(() => sql`datetime()`),
    });
    expect(() =>
      drizzleUsers(db, withSql, { ...options, identifier: withSql.email, passwordHash: withSql.hash }),
    ).toThrow("can't run the SQL that updatedAt has in $onUpdate. Pass a value instead");
  });

  it("reads names as Drizzle does: with casing, and with a schema", async () => {
    const { db } = inMemory({ casing: "snake_case" });
    const table = sqliteTable("user", { id: integer().primaryKey(), email: text(), passwordHash: text() });
    const users = drizzleUsers(db, table, {
      ...{ identifier: table.email, passwordHash: table.passwordHash, sessions: "none", hashPassword },
    });
    await expect(users.check!()).resolves.toEqual([]);
    const [user] = [await users.findByIdentifier("ada@example.com", {})].flat();
    expect(user).toEqual({ id: 1, email: "Ada@example.com", passwordHash: "#old" });
  });

  it.each([
    [
      sqliteTable("people", { id: integer().primaryKey(), email: text(), passwordHash: text() }),
      `drizzleUsers's table is "people", but the database has no such table.`,
    ],
    [
      sqliteTable("user", { id: integer().primaryKey(), email: text(), passwordHash: text("hash") }),
      `drizzleUsers's passwordHash is "hash", but the table "user" has no such column. Pass one of id, email,`,
    ],
    [
      sqliteTable("user", {
        id: integer().primaryKey(),
        email: text(),
        passwordHash: text("password_hash"),
        status: text("state"),
      }),
      `drizzleUsers's column status is "state", but the table "user" has no such column.`,
    ],
  ])(
    "check, a look-up, and a starting worker report what the database doesn't have: %#",
    async (table: any, text) => {
      const users = drizzleUsers(inMemory().db, table, {
        ...{ identifier: table.email, passwordHash: table.passwordHash, sessions: "none", hashPassword },
      });
      await expect(users.check!()).rejects.toThrow(text);
      await expect(users.findByIdentifier("ada@example.com", {})).rejects.toThrow(text);
      const { reset, log } = makeKit({ users: users as never });
      const stop = new AbortController();
      const work = reset.work({ signal: stop.signal });
      await expect.poll(() => log.lines.join("\n")).toContain(text);
      stop.abort();
      await work;
    },
  );

  it("refuses options that can't work, with the fix", () => {
    const { db } = inMemory();
    const made = (change: object) => () => drizzleUsers(db, lite.users, changed(change));
    expect(() => drizzleUsers({} as never, lite.users, changed({}))).toThrow(
      "pass what drizzle(client) returned",
    );
    expect(() => drizzleUsers(db, "user" as never, changed({}))).toThrow(
      "takes a table of your Drizzle schema",
    );
    expect(made({ identifier: undefined })).toThrow("identifier is missing");
    expect(made({ passwordHash: lite.sessions.token })).toThrow(
      `drizzleUsers's passwordHash isn't a column of the table "user". Pass one of the table's columns: id, email,`,
    );
    expect(made({ sessions: undefined })).toThrow("sessions is missing: pass { table: sessions,");
    expect(made({ sessions: { table: lite.sessions, userId: lite.users.id } })).toThrow(
      "sessions.userId isn't a column",
    );
    expect(made({ hashPassword: undefined })).toThrow("hashPassword is missing");
    expect(made({ touch: { nope: () => 1 } })).toThrow("touch.nope isn't a column");
    expect(made({ table: "user" })).toThrow('no option "table"');
  });

  it("reports a hash that doesn't move", async () => {
    const unsalted = drizzleUsers(inMemory().db, lite.users, changed({ hashPassword: () => "#old" }));
    const { reset, ask } = makeKit({ users: unsalted as never });
    const { token } = await ask("ada@example.com");
    await expect(reset.confirm({ token, password: goodPassword })).rejects.toThrow("Salt each hash");
  });
});
