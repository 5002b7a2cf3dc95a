import { hash, verify } from "@node-rs/argon2";
import Database from "better-sqlite3";
import { scryptSync } from "node:crypto";
import { Pool } from "pg";
import { describe, expect, it } from "vitest";
import { authJsUsers, isTooOld } from "../../examples/moving/auth-js.js";
import { betterAuthUsers } from "../../examples/moving/better-auth.js";
import { deviseUsers } from "../../examples/moving/devise.js";
import { laravelUsers } from "../../examples/moving/laravel.js";
import { passportUsers } from "../../examples/moving/passport.js";
import { betterSqlite3 } from "../../src/connections/better-sqlite3.js";
import { pg } from "../../src/connections/pg.js";
import { passwordReset } from "../../src/password-reset.js";
import { migrate, sqlStore } from "../../src/stores/sql.js";
import type { Message, SqlConnection, Users } from "../../src/types.js";
import { goodPassword, keptLog, secret } from "../kit.js";
import { postgres } from "../servers/postgres.js";

/** A whole reset of Ada's password, over tables that are there. */
async function resetAda(connection: SqlConnection, users: Users<any>): Promise<void> {
  await migrate(connection);
  const mails: Message<any>[] = [];
  const reset = passwordReset({
    users,
    secret,
    store: sqlStore(connection),
    url: "https://example.com/reset/{token}",
    deliver: (message) => void mails.push(message),
    throttles: false,
    worker: "outside",
    log: keptLog(),
  });
  for (const identifier of ["ada@example.com", "eve@example.com"]) await reset.request({ identifier });
  await reset.drain();
  expect(mails.map(({ address }) => address)).toEqual(["ada@example.com"]);
  const { token } = mails[0] as { token: string };
  await reset.confirm({ token, password: goodPassword });
  await expect(reset.confirm({ token, password: goodPassword })).rejects.toThrow("Invalid or expired token");
  await reset.drain();
  expect(mails.map(({ kind }) => kind)).toEqual(["reset", "changed"]);
}

/** As bcryptjs writes it. The hash itself is theirs to make. */
const bcrypt = async (password: string) =>
  `$2b$12$${Buffer.from(password).toString("base64url").padEnd(53, "A").slice(0, 53)}`;

function sqlite(...statements: string[]) {
  const db = new Database(":memory:");
  for (const statement of statements) db.exec(statement);
  return { db, connection: betterSqlite3(db), row: (sql: string) => db.prepare(sql).get() as any };
}

async function postgresql(...statements: string[]) {
  const pool = new Pool({ connectionString: await postgres() });
  for (const statement of statements) await pool.query(statement);
  return { pool, rows: async (sql: string) => (await pool.query(sql)).rows };
}

describe("a reset of the users of", () => {
  it("Laravel writes PHP's prefix, and ends sessions and remember me", async () => {
    const { connection, row } = sqlite(
      `create table users (id integer primary key autoincrement, name text not null, email text not null unique,
         email_verified_at text, password text not null, remember_token text, created_at text, updated_at text)`,
      "create table sessions (id text primary key, user_id integer, ip_address text, user_agent text, payload text not null, last_activity integer not null)",
      "insert into users (name, email, password, remember_token) values ('Ada', 'ada@example.com', '$2y$12$old', 'remembered')",
      "insert into sessions values ('a', 1, null, null, '', 0), ('b', 2, null, null, '', 0)",
    );
    await resetAda(connection, laravelUsers(connection, bcrypt));
    const { password, remember_token, updated_at } = row("select * from users");
    expect(password).toBe((await bcrypt(goodPassword)).replace("$2b$", "$2y$"));
    expect(remember_token).toMatch(/^[\da-f]{60}$/);
    expect(updated_at).not.toBeNull();
    expect(row("select group_concat(id) as ids from sessions")).toEqual({ ids: "b" });
  });

  it("Devise adds the pepper, and clears what Devise's own reset left", async () => {
    const { connection, row } = sqlite(
      `create table users (id integer primary key autoincrement, email text default '' not null,
         encrypted_password text default '' not null, reset_password_token text, reset_password_sent_at text,
         remember_created_at text, created_at text, updated_at text)`,
      `insert into users (email, encrypted_password, reset_password_token, remember_created_at)
         values ('ada@example.com', '$2a$12$old', 'digest', '2026-01-01')`,
    );
    await resetAda(connection, deviseUsers(connection, bcrypt, "pepper"));
    expect(row("select * from users")).toMatchObject({
      encrypted_password: await bcrypt(`${goodPassword}pepper`),
      reset_password_token: null,
      remember_created_at: null,
    });
  });

  it("Auth.js ends sessions by their age", async () => {
    const { connection, row } = sqlite(
      "create table users (id text primary key, name text, email text unique, password_hash text, password_changed_at text)",
      "insert into users values ('ada', 'Ada', 'ada@example.com', 'old', null)",
    );
    await resetAda(
      connection,
      authJsUsers(connection, (password) => hash(password)),
    );
    const { password_hash, password_changed_at } = row("select * from users");
    expect(await verify(password_hash, goodPassword)).toBe(true);
    const changedAt = new Date(`${String(password_changed_at).replace(" ", "T").replace(/Z?$/, "")}Z`);
    const at = Math.floor(changedAt.getTime() / 1_000);
    expect([at - 60, at, at + 1].map((iat) => isTooOld({ iat }, changedAt))).toEqual([true, true, false]);
    expect([isTooOld({}, changedAt), isTooOld({ iat: 1 }, null)]).toEqual([true, false]);
  });

  it("Better Auth changes the credential account alone, in its own format", async () => {
    const { pool, rows } = await postgresql(
      'create table "user" (id text primary key, name text not null, email text not null unique, "emailVerified" boolean not null)',
      `create table account (id text primary key, "accountId" text not null, "providerId" text not null, "userId" text not null,
         password text, "updatedAt" timestamptz not null default now())`,
      'create table session (id text primary key, token text not null unique, "userId" text not null)',
      `insert into "user" values ('ada', 'Ada', 'ada@example.com', true), ('sso', 'Eve', 'eve@example.com', true)`,
      `insert into account (id, "accountId", "providerId", "userId", password) values
         ('1', 'ada', 'credential', 'ada', 'old:hash'), ('2', 'g', 'google', 'ada', null), ('3', 'g2', 'google', 'sso', null)`,
      `insert into session values ('1', 'a', 'ada'), ('2', 'b', 'sso')`,
    );
    await resetAda(pg(pool), betterAuthUsers(pool));
    const [credential, google] = await rows("select password from account order by id");
    const [salt, key] = credential.password.split(":");
    const options = { N: 16_384, r: 16, p: 1, maxmem: 67_108_864 };
    expect(key).toBe(scryptSync(goodPassword, salt, 64, options).toString("hex"));
    expect(google.password).toBeNull();
    expect(await rows("select token from session")).toEqual([{ token: "b" }]);
    await pool.end();
  });

  it("an Express tutorial with Passport finds sessions in their JSON", async () => {
    const { pool, rows } = await postgresql(
      "create table users (id serial primary key, email text not null, password_hash text, reset_password_token text, reset_password_expires timestamptz)",
      "create table session (sid varchar primary key, sess json not null, expire timestamp(6) not null)",
      "insert into users (email, password_hash, reset_password_token) values ('ada@example.com', 'old', 'a token in plain text')",
      `insert into session values ('a', '{"passport":{"user":1}}', now()), ('b', '{"passport":{"user":11}}', now()), ('c', '{}', now())`,
    );
    await resetAda(
      pg(pool),
      passportUsers(pool, (password) => hash(password)),
    );
    const [user] = await rows("select * from users");
    expect(await verify(user.password_hash, goodPassword)).toBe(true);
    expect(user.reset_password_token).toBeNull();
    expect(await rows("select sid from session order by sid")).toEqual([{ sid: "b" }, { sid: "c" }]);
    await pool.end();
  });
});
