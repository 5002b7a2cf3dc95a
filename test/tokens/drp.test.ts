import Sqlite from "better-sqlite3";
import { Pool } from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { drpTokens, type DrpTokensOptions } from "resetkit/tokens/drp";
import { storedTokens } from "resetkit/tokens/stored";
import type { SqlConnection, SqlValue, TokenStrategy } from "resetkit/types";
import { sqlUsers } from "resetkit/users/sql";
import { goodPassword, makeKit, people } from "../kit.js";
import { postgres } from "../servers/postgres.js";

const table = "django_rest_passwordreset_resetpasswordtoken";
const hour = 3_600_000;
/** As the generator made it: hexadecimal digits, ten to fifty of them. */
const key = "80fd991ddaf353996e308c48";
const ada = "ada@example.com";

/** What the migrations of django-rest-passwordreset 1.6.0 leave behind, and Django's own table as far as it matters. */
const schemas: Readonly<Record<"sqlite" | "postgres", readonly string[]>> = {
  sqlite: [
    `CREATE TABLE "auth_user" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL,
      "email" varchar(254) NOT NULL, "is_active" bool NOT NULL)`,
    `CREATE TABLE "${table}" ("created_at" datetime NOT NULL, "key" varchar(64) NOT NULL UNIQUE,
      "ip_address" char(39) NULL, "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
      "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "user_agent" varchar(512) NOT NULL)`,
    `CREATE INDEX "${table}_user_id_e8015b11" ON "${table}" ("user_id")`,
    `CREATE INDEX "drpr_token_created_at_idx" ON "${table}" ("created_at")`,
  ],
  postgres: [
    `CREATE TABLE "auth_user" ("id" serial NOT NULL PRIMARY KEY, "password" varchar(128) NOT NULL,
      "email" varchar(254) NOT NULL, "is_active" boolean NOT NULL)`,
    `CREATE TABLE "${table}" ("created_at" timestamp with time zone NOT NULL, "key" varchar(64) NOT NULL UNIQUE,
      "ip_address" inet NULL, "user_id" integer NOT NULL, "id" serial NOT NULL PRIMARY KEY,
      "user_agent" varchar(512) NOT NULL)`,
    `ALTER TABLE "${table}" ADD CONSTRAINT "fk" FOREIGN KEY ("user_id") REFERENCES "auth_user" ("id")
      DEFERRABLE INITIALLY DEFERRED`,
    `CREATE INDEX "${table}_key_f1b65873_like" ON "${table}" ("key" varchar_pattern_ops)`,
    `CREATE INDEX "${table}_user_id_e8015b11" ON "${table}" ("user_id")`,
    `CREATE INDEX "drpr_token_created_at_idx" ON "${table}" ("created_at")`,
  ],
};

/** As Django's SQLite back end writes it; PostgreSQL reads it, too. */
const written = (time: number) => `${new Date(time).toISOString().slice(0, -1).replace("T", " ")}973`;

interface Opened {
  readonly connection: SqlConnection;
  run(text: string, ...values: SqlValue[]): Promise<readonly Record<string, unknown>[]>;
  /** Adds a row, made that many milliseconds before the kit's clock. */
  add(token: string, userId: number | string, age?: number): Promise<unknown>;
  keys(): Promise<unknown[]>;
}

function opened(connection: SqlConnection): Opened {
  const isPg = connection.dialect === "postgres";
  const run: Opened["run"] = async (text, ...values) => {
    let n = 0;
    const placed = isPg ? text.replace(/\?/g, () => `$${++n}`) : text;
    return (await connection.query({ text: placed, rows: /^select/.test(text) }, values)).rows;
  };
  return {
    connection,
    run,
    add: (token, userId, age = hour) =>
      run(
        `insert into ${table} (created_at, "key", ip_address, user_id, user_agent) values (?, ?, '192.0.2.1', ?, '')`,
        written(makeKit().clock.now - age) + (isPg ? "+00" : ""),
        token,
        userId,
      ),
    keys: async () => (await run(`select "key" as k from ${table} order by "key"`)).map((row) => row["k"]),
  };
}

let salt = 0;
const hashPassword = (password: string) => `pbkdf2_sha256$1$${++salt}$${password}`;

/** The accounts that Django has, on the same database, with the transaction of `users.lock`. */
function djangoSite({ connection }: Opened, options: DrpTokensOptions = {}, more: object = {}) {
  const users = sqlUsers(connection, {
    table: "auth_user",
    identifier: "email",
    passwordHash: "password",
    hashPassword,
    state: ["is_active"],
    sessions: "none",
    ...more,
  });
  const tokens = [storedTokens(), drpTokens(connection, options)];
  return makeKit({ users: users as never, store: sqlStore(connection), tokens });
}

const outcomeOf = (confirm: Promise<unknown>) =>
  confirm.then(
    () => "changed",
    ({ code }: { code: string }) => code,
  );

const pool = new Pool({ connectionString: await postgres() });
afterAll(() => pool.end());
const databases: Readonly<Record<string, () => SqlConnection>> = {
  SQLite: () => betterSqlite3(new Sqlite(":memory:")),
  PostgreSQL: () => pg(pool),
};

describe.each(Object.entries(databases))("rows of django-rest-passwordreset on %s", (_, open) => {
  let db: Opened;
  beforeEach(async () => {
    db = opened(open());
    if (db.connection.dialect === "postgres") await db.run(`drop table if exists ${table}, auth_user`);
    for (const text of schemas[db.connection.dialect as keyof typeof schemas]) await db.run(text);
    await migrate(db.connection);
    // Tokens of an earlier test were used, and the store remembers that.
    await db.run("delete from resetkit_counters");
    for (const email of [ada, "bob@example.com"]) {
      await db.run(
        "insert into auth_user (password, email, is_active) values (?, ?, true)",
        hashPassword("x"),
        email,
      );
    }
  });

  it("are valid once: a rejected password costs nothing, and the change deletes all of the account's", async () => {
    const { reset } = djangoSite(db);
    await db.add(key, 1);
    await db.add(`${key}00`, 1);
    await db.add("b".repeat(50), 2);
    expect(await reset.validate({ token: key })).toBe(true);
    expect(await outcomeOf(reset.confirm({ token: key, password: "short" }))).toBe("weak_password");
    expect(await reset.validate({ token: key })).toBe(true);
    await reset.confirm({ token: key, password: goodPassword });
    const [row] = await db.run("select password from auth_user where id = 1");
    expect(String(row!["password"])).toContain(goodPassword);
    expect(await db.keys()).toEqual(["b".repeat(50)]);
    expect(await outcomeOf(reset.confirm({ token: key, password: goodPassword }))).toBe("invalid_token");
    expect(await outcomeOf(reset.confirm({ token: `${key}00`, password: goodPassword }))).toBe(
      "invalid_token",
    );
  });

  it("are found by the whole key alone, as it was written", async () => {
    const { reset } = djangoSite(db);
    await db.add(key, 1);
    for (const token of [
      key.toUpperCase(),
      key.slice(0, -1),
      `${key}0`,
      "%",
      "_",
      `${key}%`,
      "0".repeat(500),
    ]) {
      expect(await reset.validate({ token }), token.slice(0, 40)).toBe(false);
    }
    expect(await db.keys()).toEqual([key]);
  });

  it("of an account that may not reset are refused, and stay", async () => {
    const { reset } = djangoSite(
      db,
      {},
      { eligible: (row: { is_active: unknown }) => Boolean(row.is_active) },
    );
    await db.add(key, 1);
    await db.run("update auth_user set is_active = false where id = 1");
    expect(await outcomeOf(reset.confirm({ token: key, password: goodPassword }))).toBe("invalid_token");
    expect(await db.keys()).toEqual([key]);
  });

  it.each([
    [undefined, 24],
    ["12h", 12],
  ])("expire as there, with lifetime %j, and go when they are presented", async (lifetime, hours) => {
    const { reset, clock } = djangoSite(db, lifetime === undefined ? {} : { lifetime });
    await db.add(key, 1, 0);
    await db.add("other", 2, 0);
    clock.now += hours * hour;
    expect(await reset.validate({ token: key })).toBe(true);
    clock.now += 2;
    expect(await reset.validate({ token: key })).toBe(false);
    expect(await db.keys()).toEqual(["other"]);
  });

  it("go with a reset by a new link, and with reset.revoke", async () => {
    const kit = djangoSite(db);
    await db.add(key, 1);
    await db.add("other", 2);
    const { token } = await kit.ask(ada);
    await kit.reset.confirm({ token, password: goodPassword });
    expect(await db.keys()).toEqual(["other"]);
    await kit.reset.revoke({ id: 2, email: "bob@example.com", password: "x", is_active: true } as never);
    expect(await db.keys()).toEqual([]);
  });

  it("stay when the transaction is rolled back", async () => {
    let isDown = true;
    const sessions = () => {
      if (isDown) throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
    };
    const { reset } = djangoSite(db, {}, { sessions });
    await db.add(key, 1);
    expect(await outcomeOf(reset.confirm({ token: key, password: goodPassword }))).toBe("unavailable");
    expect(await db.keys()).toEqual([key]);
    isDown = false;
    await reset.confirm({ token: key, password: goodPassword });
    expect(await db.keys()).toEqual([]);
  });

  it("have one winner among thirty concurrent confirms, in a transaction and without one", async () => {
    const race = async ({ reset }: ReturnType<typeof makeKit>) => {
      const all = Array.from({ length: 30 }, () =>
        outcomeOf(reset.confirm({ token: key, password: goodPassword })),
      );
      const outcomes = await Promise.all(all);
      return outcomes.filter((one) => one === "changed").length;
    };
    await db.add(key, 1);
    expect(await race(djangoSite(db))).toBe(1);

    // Accounts elsewhere, which compare nothing: what holds then is the token alone.
    const careless = () => {
      const accounts = people(ada);
      accounts.users.setPassword = async ({ id }, password) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        accounts.byId.get(id)!.passwordHash = hashPassword(password);
        return true;
      };
      return accounts;
    };
    const hashing = { concurrency: 30, waiting: 30 };
    const kitOf = (strategy: TokenStrategy) =>
      makeKit({ tokens: [storedTokens(), strategy], hashing }, careless());
    await db.add(key, 1);
    expect(await race(kitOf(drpTokens(db.connection)))).toBe(1);

    // Control: without lease and row, there are several.
    await db.add(key, 1);
    const loose: TokenStrategy = {
      kind: "loose",
      connect(context) {
        const strict = drpTokens(db.connection).connect(context);
        return {
          ...strict,
          async verify(...given) {
            const claim = await strict.verify(...given);
            const yes = async () => true;
            return claim && { ...claim, spend: yes, renew: yes, finish: yes };
          },
        };
      },
    };
    expect(await race(kitOf(loose))).toBeGreaterThan(1);
  });
});

describe("drpTokens()", () => {
  const connection = () => {
    const db = opened(betterSqlite3(new Sqlite(":memory:")));
    return Promise.all(schemas.sqlite.map((text) => db.run(text))).then(() => db);
  };

  it("reads a table on another database than the store's, and deletes there", async () => {
    const [site, old] = [await connection(), await connection()];
    await migrate(site.connection);
    await site.run("insert into auth_user (password, email, is_active) values ('x', ?, true)", ada);
    await old.run("insert into auth_user (password, email, is_active) values ('x', ?, true)", ada);
    await old.add(key, 1);
    await old.add(`${key}00`, 1);
    const users = sqlUsers(site.connection, {
      ...{
        table: "auth_user",
        identifier: "email",
        passwordHash: "password",
        hashPassword,
        sessions: "none" as const,
      },
    });
    const store = sqlStore(site.connection);
    const tokens = [storedTokens(), drpTokens(old.connection)];
    const { reset } = makeKit({ users: users as never, store, tokens });
    await reset.confirm({ token: key, password: goodPassword });
    expect(await old.keys()).toEqual([]);
  });

  it("keeps a row of another database until the password is set in the store's transaction", async () => {
    const [site, old] = [await connection(), await connection()];
    await migrate(site.connection);
    await old.run("insert into auth_user (password, email, is_active) values ('x', ?, true)", ada);
    await old.add(key, 1);
    const accounts = people(ada);
    const { setPassword } = accounts.users;
    accounts.users.lock = (id) => ({ ...accounts.byId.get(id as number)! });
    accounts.users.setPassword = () => Promise.reject(new Error("ECONNRESET"));
    const tokens = [storedTokens(), drpTokens(old.connection)];
    const { reset } = makeKit({ store: sqlStore(site.connection), tokens }, accounts);
    const confirm = () => reset.confirm({ token: key, password: goodPassword });
    await expect(confirm()).rejects.toMatchObject({ code: "unavailable" });
    expect(await old.keys()).toEqual([key]);
    accounts.users.setPassword = setPassword;
    await confirm();
    expect(await old.keys()).toEqual([]);
    expect(accounts.passwordOf(1)).toBe(goodPassword);
  });

  it("writes UUIDs with hyphens, which SQLite's tables have without", async () => {
    const db = await connection();
    await db.run(`drop table ${table}`);
    const columns = schemas.sqlite[1]!.replace(
      /"user_id" integer NOT NULL REFERENCES .* INITIALLY DEFERRED/,
      '"user_id" char(32) NOT NULL',
    );
    await db.run(columns);
    const uuid = "0190b5f0-7b1a-7c3e-8f00-00000000002a";
    await db.add(key, uuid.replaceAll("-", ""));
    const accounts = people(ada);
    const asked: unknown[] = [];
    accounts.users.idOf = () => uuid;
    accounts.users.findById = (id) => (asked.push(id), accounts.byId.get(1));
    const { reset } = makeKit(
      { tokens: [storedTokens(), drpTokens(db.connection, { ids: "uuid" })] },
      accounts,
    );
    await reset.confirm({ token: key, password: goodPassword });
    expect(new Set(asked)).toEqual(new Set([uuid]));
    expect(await db.keys()).toEqual([]);
  });

  it("reads the local times of a site with USE_TZ = False", async () => {
    const db = await connection();
    await db.run("insert into auth_user (password, email, is_active) values ('x', ?, true)", ada);
    // Written two hours ahead: it is as old as it seems, and two hours more.
    await db.add(key, 1, 23 * hour);
    const kitOf = (utcOffset: string) =>
      makeKit({ tokens: [storedTokens(), drpTokens(db.connection, { utcOffset })] });
    expect(await kitOf("+00:00").reset.validate({ token: key })).toBe(true);
    expect(await kitOf("+02:00").reset.validate({ token: key })).toBe(false);
  });

  it("is refused where it can't work, with the fix", async () => {
    const { connection: given } = await connection();
    const put = "Put the kind that issues before it: tokens: [storedTokens(), drpTokens(connection)].";
    expect(() => makeKit({ tokens: drpTokens(given) })).toThrow(put);
    expect(() => makeKit({ tokens: [drpTokens(given), storedTokens()] })).toThrow(put);
    expect(() => drpTokens(new Sqlite(":memory:") as never)).toThrow("Wrap the client");
    expect(() => drpTokens(given, { table: 'a"b' })).toThrow("drpTokens({ table })");
    expect(() => drpTokens(given, { lifetime: "24" })).toThrow("drpTokens({ lifetime })");
    expect(() => drpTokens(given, { utcOffset: "2" })).toThrow("drpTokens({ utcOffset })");
    expect(() => drpTokens(given, { ids: "x" as never })).toThrow("drpTokens({ ids })");
    expect(() => drpTokens(given, { expiry: "24h" } as never)).toThrow('no option "expiry"');
  });
});
