/**
 * The databases of the bench: the same accounts for every system, each of which has a live token.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { passwordReset } from "resetkit";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection } from "resetkit/types";
import { place } from "../../test/servers/place.js";
import { postgres } from "../../test/servers/postgres.js";
import type { Person } from "./accounts.js";
import { migrateBetterAuth } from "./better-auth.js";
import { openPool, openSqlite } from "./clients.js";
import { type DatabaseName, secret, type ServerOptions } from "./system.js";

export type Family = "bare" | "resetkit" | "better-auth";

/** A database that was filled once, of which every system gets a copy. */
export interface Template {
  readonly family: Family;
  readonly database: DatabaseName;
  readonly url: string;
  /** A token of each account, by its id less one. */
  readonly tokens: readonly string[];
}

export const emailOf = (id: number) => `user${id}@example.com`;

const day = 86_400_000;
const tables: Record<Family, readonly string[]> = {
  bare: ["people", "reset_tokens"],
  resetkit: ["people", "resetkit_tokens", "resetkit_queue", "resetkit_counters"],
  "better-auth": [`"user"`, "account", "verification", "session"],
};

/** Where a request leaves a row. */
const requests: Record<Family, string> = {
  bare: "reset_tokens",
  resetkit: "resetkit_queue",
  "better-auth": "verification",
};

export async function fill(
  family: Family,
  database: DatabaseName,
  people: number,
  packages: string,
): Promise<Template> {
  const url = database === "sqlite" ? join(place().folder, `${family}.db`) : await postgres();
  const connection = connect(database, url);
  const now = Date.now();
  const fillers = { bare: fillBare, resetkit: fillResetkit, "better-auth": fillBetterAuth };
  if (family === "better-auth") await migrateBetterAuth(optionsFor(database, url, packages));
  else await createPeople(connection, people);
  const tokens = await fillers[family](connection, people, now);
  for (const table of tables[family]) {
    await connection.run(`create table ${copyOf(table)} as select * from ${table}`);
  }
  await connection.settle();
  await connection.close();
  return { family, database, url, tokens };
}

/** A copy of a template, for one server process. */
export async function copy(template: Template): Promise<string> {
  if (template.database === "sqlite") {
    const file = join(place().folder, `${template.family}-${randomBytes(6).toString("hex")}.db`);
    await copyFile(template.url, file);
    return file;
  }
  const url = new URL(await postgres());
  const name = url.pathname.slice(1);
  const source = new URL(template.url).pathname.slice(1);
  url.pathname = "/postgres";
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`drop database ${name}`);
  await client.query(`create database ${name} template ${source}`);
  await client.end();
  url.pathname = `/${name}`;
  return url.href;
}

/** Puts everything back to how it was filled, so that each round begins with the same tables. */
export async function restore({ family, database }: Template, url: string): Promise<void> {
  const connection = connect(database, url);
  await connection.empty(tables[family]);
  for (const table of tables[family]) {
    await connection.run(`insert into ${table} select * from ${copyOf(table)}`);
  }
  await connection.settle();
  await connection.close();
}

/** How many requests have left a row, and how many passwords have changed: what a round must have done. */
export async function count({ family, database }: Template, url: string) {
  const connection = connect(database, url);
  const one = async (text: string) =>
    Number((await connection.rows(`select count(*) as n from ${text}`))[0]!.n);
  const changed = await one(
    family === "better-auth"
      ? "account where password <> 'the old one'"
      : "people where password_hash <> 'the old one'",
  );
  const requested = (await one(requests[family])) - (await one(copyOf(requests[family])));
  await connection.close();
  return { requested, changed };
}

const copyOf = (table: string) => `filled_${table.replaceAll('"', "")}`;

function optionsFor(database: DatabaseName, url: string, packages: string): ServerOptions {
  const rest = { framework: "node", hash: "none", change: "lock", worker: "none" } as const;
  return { program: "better-auth", database, url, packages, ...rest };
}

interface Connection {
  readonly sql: SqlConnection;
  run(text: string, values?: readonly unknown[]): Promise<void>;
  rows(text: string): Promise<readonly Record<string, unknown>[]>;
  empty(names: readonly string[]): Promise<void>;
  /** Brings what was written to its place, so that no round pays for it. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

function connect(database: DatabaseName, url: string): Connection {
  const client = database === "sqlite" ? openSqlite(url) : openPool(url);
  const sql: SqlConnection = "prepare" in client ? betterSqlite3(client) : pg(client);
  const query = (text: string, rows: boolean, values: readonly unknown[] = []) =>
    sql.query({ text, rows }, values as any[]);
  return {
    sql,
    run: async (text, values) => void (await query(text, false, values)),
    rows: async (text) => (await query(text, true)).rows,
    async empty(names) {
      if (sql.dialect === "postgres") return void (await query(`truncate ${names.join(", ")}`, false));
      // The last ones first: they point at the first.
      for (const name of [...names].reverse()) await query(`delete from ${name}`, false);
    },
    async settle() {
      if ("prepare" in client) return void client.pragma("wal_checkpoint(truncate)");
      await query("vacuum analyze", false);
      await query("checkpoint", false);
    },
    async close() {
      await ("prepare" in client ? client.close() : client.end());
    },
  };
}

/** A table of numbers from 1, in both dialects. */
function numbers({ sql }: Connection, most: number): string {
  if (sql.dialect === "postgres") return `(select i from generate_series(1, ${most}) as i) as numbers`;
  return `(with recursive n(i) as (select 1 union all select i + 1 from n where i < ${most}) select i from n) as numbers`;
}

async function createPeople(connection: Connection, people: number): Promise<void> {
  await connection.run(
    "create table people (id integer primary key, email text not null unique, password_hash text not null)",
  );
  await connection.run(
    `insert into people select i, 'user' || i || '@example.com', 'the old one' from ${numbers(connection, people)}`,
  );
}

const newTokens = (people: number) =>
  Array.from({ length: people }, () => randomBytes(32).toString("base64url"));

async function fillBare(connection: Connection, people: number, now: number): Promise<string[]> {
  const isPostgres = connection.sql.dialect === "postgres";
  const bytes = isPostgres ? "bytea" : "blob";
  await connection.run(
    `create table reset_tokens (lookup ${bytes} primary key, hash ${bytes} not null, user_id integer not null,
      expires_at bigint not null, used_at bigint)`,
  );
  await connection.run("create index reset_tokens_expires_at on reset_tokens (expires_at)");
  const tokens = newTokens(people);
  await inBatches(tokens, async (token, index) => {
    const hash = createHash("sha256").update(token).digest();
    const places = isPostgres ? "$1, $2, $3, $4, null" : "?, ?, ?, ?, null";
    await connection.run(`insert into reset_tokens values (${places})`, [
      hash.subarray(0, 16),
      hash,
      index + 1,
      now + day,
    ]);
  });
  return tokens;
}

/** By the engine itself, so that they are what the engine would have mailed. */
async function fillResetkit(connection: Connection, people: number): Promise<string[]> {
  await migrate(connection.sql);
  const tokens: string[] = [];
  const personOf = (id: number): Person => ({ id, email: emailOf(id), password_hash: "the old one" });
  const reset = passwordReset<Person>({
    users: {
      findByIdentifier: () => undefined,
      findById: (id) => personOf(Number(id)),
      stateOf: (user) => [user.password_hash, user.email],
      setPassword: () => false,
      revokeSessions: "none",
    },
    secret,
    store: sqlStore(connection.sql),
    url: "https://app.example.com/reset/{token}",
    deliver: (message) => {
      if (message.kind === "reset") tokens[(message.user as Person).id - 1] = message.token;
    },
    throttles: false,
    worker: "outside",
  });
  await inBatches(Array.from({ length: people }), (_, index) =>
    reset.issueFor(personOf(index + 1), { wait: true }),
  );
  return tokens;
}

async function fillBetterAuth(connection: Connection, people: number, now: number): Promise<string[]> {
  const isPostgres = connection.sql.dialect === "postgres";
  const [yes, at, later] = isPostgres
    ? ["true", "now()", "now() + interval '1 day'"]
    : ["1", ...[now, now + day].map((time) => `'${new Date(time).toISOString()}'`)];
  const from = numbers(connection, people);
  await connection.run(
    `insert into "user" (id, name, email, "emailVerified", "createdAt", "updatedAt")
      select 'u' || i, 'n', 'user' || i || '@example.com', ${yes}, ${at}, ${at} from ${from}`,
  );
  await connection.run(
    `insert into account (id, "accountId", "providerId", "userId", password, "createdAt", "updatedAt")
      select 'a' || i, 'u' || i, 'credential', 'u' || i, 'the old one', ${at}, ${at} from ${from}`,
  );
  const tokens = newTokens(people).map((token) => token.slice(0, 24));
  await inBatches(tokens, async (token, index) => {
    const places = isPostgres ? "$1, $2, $3" : "?, ?, ?";
    await connection.run(
      `insert into verification (id, identifier, value, "expiresAt", "createdAt", "updatedAt")
        values (${places}, ${later}, ${at}, ${at})`,
      [`v${index}`, `reset-password:${token}`, `u${index + 1}`],
    );
  });
  return tokens;
}

/** Ten at a time, which is what the pool has. */
async function inBatches<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += 10) {
    await Promise.all(items.slice(start, start + 10).map((item, offset) => work(item, start + offset)));
  }
}
