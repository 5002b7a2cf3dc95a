import { pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import Sqlite from "better-sqlite3";
import express from "express";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { usersSuite } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { passportUsers, type PassportUsersOptions } from "resetkit/users/passport";
import { goodPassword, makeKit } from "../kit.js";
import { mariadb } from "../servers/mariadb.js";
import { packages } from "../servers/packages.js";
import { postgres } from "../servers/postgres.js";
import { onDatabase } from "./people-table.js";

const modules = await packages("passport", {
  dependencies: {
    passport: "0.7.0",
    "passport-local": "1.0.0",
    "express-session": "1.19.0",
    "connect-sqlite3": "0.9.18",
    "connect-pg-simple": "10.0.0",
    "express-mysql-session": "3.0.3",
  },
});
const load = createRequire(join(modules, "here.js"));
const session = load("express-session");
const old = "an old password of mine";

/** As the tutorial hashes. */
const hashed = (password: string, salt: Uint8Array) =>
  promisify(pbkdf2)(password, salt, 310_000, 32, "sha256");

interface Opened {
  readonly connection: SqlConnection;
  /** The tutorial's table, and a column for the email address. */
  readonly table: string;
  /** A store of express-session, which has created its table, and what it's called. */
  readonly store: any;
  readonly sessions: PassportUsersOptions["sessions"];
  close(): unknown;
}

const servers: Readonly<Record<string, () => Promise<Opened>>> = {
  async SQLite() {
    const db = new Sqlite(":memory:");
    return {
      connection: betterSqlite3(db),
      table:
        "create table users (id integer primary key, username text unique, hashed_password blob, salt blob, email text)",
      store: new (load("connect-sqlite3")(session))({ db: sqlite3Of(db) }),
      sessions: undefined,
      close: () => db.close(),
    };
  },
  async PostgreSQL() {
    const pool = new Pool({ connectionString: await postgres() });
    const Store = load("connect-pg-simple")(session);
    return {
      connection: pg(pool),
      table:
        "create table users (id serial primary key, username text unique, hashed_password bytea, salt bytea, email text)",
      store: new Store({ pool, createTableIfMissing: true, pruneSessionInterval: false }),
      sessions: { table: "session", session: "sess" },
      close: () => pool.end(),
    };
  },
  async MariaDB() {
    const pool = createPool({ uri: await mariadb() });
    const Store = load("express-mysql-session")(session);
    const store = new Store({ clearExpired: false }, pool);
    await store.onReady();
    return {
      connection: mysql2(pool),
      table:
        "create table users (id integer auto_increment primary key, username varchar(100) unique, hashed_password blob, salt blob, email varchar(200))",
      store,
      sessions: { table: "sessions", session: "data" },
      close: () => pool.end(),
    };
  },
};

/** As much of sqlite3 as connect-sqlite3 calls. */
function sqlite3Of(db: Sqlite.Database) {
  const calling =
    (work: (text: string, values: unknown[]) => unknown) =>
    (text: string, ...rest: any[]) => {
      // Its clean-up, once a day and at the start, passes none.
      const done = typeof rest.at(-1) === "function" ? rest.pop() : undefined;
      setImmediate(() => {
        const result = work(text, rest[0] ?? []);
        done?.(null, result);
      });
    };
  return {
    exec: calling((text) => void db.exec(text)),
    run: calling((text, values) => void db.prepare(text).run(...values)),
    get: calling((text, values) => db.prepare(text).get(...values)),
    all: calling((text, values) => {
      const statement = db.prepare(text);
      return statement.reader ? statement.all(...values) : [statement.run(...values)];
    }),
  };
}

describe.each(Object.keys(servers))("passportUsers on %s", (name) => {
  let opened: Opened;
  const run = (text: string, values: readonly unknown[] = [], rows = false) => {
    let count = 0;
    const written = name === "PostgreSQL" ? text.replaceAll("?", () => `$${++count}`) : text;
    return opened.connection.query({ text: written, rows }, values as never);
  };
  const options = (): PassportUsersOptions => ({
    address: "email",
    ...(opened.sessions && { sessions: opened.sessions }),
  });
  async function add(username: string, password: string | null): Promise<void> {
    const salt = password === null ? null : randomBytes(16);
    const hash = salt === null ? null : await hashed(password!, salt);
    const bytes = name === "MariaDB" ? "unhex(?), unhex(?)" : "?, ?";
    const sent = (value: Buffer | null) => (name === "MariaDB" ? (value?.toString("hex") ?? null) : value);
    await run(`insert into users (username, email, hashed_password, salt) values (?, ?, ${bytes})`, [
      username,
      `${username}@example.com`,
      sent(hash),
      sent(salt),
    ]);
  }

  beforeAll(async () => {
    opened = await servers[name]!();
    await run(opened.table);
    await migrate(opened.connection);
    await add("ada", old);
    await add("new", null);
  });
  afterAll(() => opened?.close());

  it("lets Passport's own sign-in succeed with the new password, and ends its sessions", async () => {
    const site = await listening(await tutorial(opened.store, run));
    try {
      const cookie = await site.signIn("ada", old);
      expect(await site.who(cookie)).toBe("ada");
      const other = await site.signIn("ada", old, "id");
      const users = passportUsers(opened.connection, options());
      await expect(users.check!()).resolves.toEqual([]);
      const { reset, ask } = makeKit({ users: users as never, store: sqlStore(opened.connection) });
      const { token } = await ask("ADA@example.com");
      await reset.confirm({ token, password: goodPassword });
      expect([await site.who(cookie), await site.who(other)]).toEqual(["", ""]);
      expect(await site.signIn("ada", old)).toBeUndefined();
      expect(await site.who(await site.signIn("ada", goodPassword))).toBe("ada");
      expect(await reset.validate({ token })).toBe(false);
    } finally {
      await site.close();
    }
  });

  onDatabase(`passportUsers on ${name}`, () => {
    usersSuite({ describe, it }, `passportUsers on ${name}`, async () => {
      await run("delete from users");
      await add("ada", old);
      await add("new", null);
      const ids: string[] = [];
      const set = promisify(opened.store.set.bind(opened.store));
      const get = promisify(opened.store.get.bind(opened.store));
      return {
        // The tutorial's hash takes a while, and the suite makes many.
        users: passportUsers(opened.connection, {
          ...options(),
          hashPassword: (password, salt) => Buffer.concat([salt, Buffer.from(password)]),
        }),
        identifier: "ada@example.com",
        otherIdentifiers: ["ada"],
        withoutPassword: "new@example.com",
        sessions: {
          async start({ id, username }: any) {
            const sid = crypto.randomUUID();
            ids.push(sid);
            await set(sid, { cookie: { maxAge: 60_000 }, passport: { user: { id, username } } });
          },
          async count({ id }: any) {
            const found: any[] = await Promise.all(ids.map((sid) => get(sid)));
            return found.filter((one) => one?.passport.user.id === id).length;
          },
        },
        transaction: opened.connection.transaction!,
      };
    });
  });
});

/** Passport's tutorial, "Username & Password", as it is written there, over a database. */
async function tutorial(
  store: unknown,
  run: (text: string, values: unknown[], rows: boolean) => Promise<any>,
) {
  const { Passport } = load("passport");
  const LocalStrategy = load("passport-local");
  const passport = new Passport();
  const find = async (column: string, value: unknown) =>
    (await run(`select * from users where ${column} = ?`, [value], true)).rows[0];

  passport.use(
    new LocalStrategy(async function verify(username: string, password: string, cb: any) {
      const row = await find("username", username);
      if (!row) return cb(null, false);
      const hash = await hashed(password, row.salt);
      if (!timingSafeEqual(row.hashed_password, hash)) return cb(null, false);
      return cb(null, row);
    }),
  );
  // The tutorial serializes a user; Passport's documentation shows the id alone as well.
  passport.serializeUser((request: any, user: any, cb: any) =>
    cb(null, request.query.as === "id" ? user.id : { id: user.id, username: user.username }),
  );
  passport.deserializeUser(async (user: any, cb: any) => cb(null, await find("id", user.id ?? user)));

  const app = express();
  app.use(express.urlencoded({ extended: false }));
  app.use(session({ secret: "keyboard cat", resave: false, saveUninitialized: false, store }));
  app.use(passport.authenticate("session"));
  app.post("/login/password", passport.authenticate("local"), (_request, response) => void response.end());
  app.get("/", (request, response) => void response.end((request as any).user?.username ?? ""));
  return app;
}

async function listening(app: express.Express) {
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const site = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    async signIn(username: string, password: string, as = "user") {
      const body = new URLSearchParams({ username, password });
      const response = await fetch(`${site}/login/password?as=${as}`, { method: "POST", body });
      return response.headers.get("set-cookie")?.split(";")[0];
    },
    who: async (cookie = "") => (await fetch(site, { headers: { cookie } })).text(),
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}

describe("passportUsers", () => {
  it("reports a table and columns that aren't there", async () => {
    const db = new Sqlite(":memory:");
    const users = passportUsers(betterSqlite3(db));
    await expect(users.check!()).rejects.toThrow(`passportUsers's table is "users", but`);
    db.exec("create table users (id integer primary key, username text, hashed_password blob)");
    await expect(users.check!()).rejects.toThrow(`passportUsers's salt is "salt", but the table "users"`);
    db.exec("alter table users add column salt blob");
    await expect(users.check!()).rejects.toThrow(`passportUsers's sessions.table is "sessions", but`);
    db.close();
  });

  it("leaves sessions alone whose JSON it can't read", async () => {
    const db = new Sqlite(":memory:");
    db.exec("create table users (id integer primary key, username text, hashed_password blob, salt blob)");
    db.exec("create table sessions (sid, expired, sess)");
    db.exec(`insert into sessions values ('a', 1, 'no JSON'), ('b', 1, '{"passport":{"user":1}}')`);
    db.exec("insert into users values (1, 'ada@example.com', null, null)");
    const users = passportUsers(betterSqlite3(db));
    await (users.revokeSessions as any)({ id: 1, username: "ada@example.com" }, {});
    expect(db.prepare("select sid from sessions").all()).toEqual([{ sid: "a" }]);
    db.close();
  });

  it("refuses what it can't work with, with the fix", () => {
    const connection = betterSqlite3(new Sqlite(":memory:"));
    expect(() => passportUsers({} as never)).toThrow("takes a connection, not a client");
    expect(() => passportUsers(connection, { identifier: "email" } as never)).toThrow(
      'no option "identifier"',
    );
    expect(() => passportUsers(connection, { sessions: { table: "s" } as never })).toThrow(
      "passportUsers's sessions.session is undefined",
    );
    expect(() => passportUsers(connection, { hashPassword: 1 as never })).toThrow("hashPassword");
  });
});
