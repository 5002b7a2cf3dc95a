import Database from "better-sqlite3";
import { Redis } from "ioredis";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { redisStore } from "resetkit/stores/redis";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection, Store } from "resetkit/types";
import { type Accounts, accountsOn } from "./accounts.js";
import { onMongodb } from "./mongodb.js";

export type DatabaseName = "postgres" | "mariadb" | "sqlite" | "redis" | "mongodb";

/** Where a race is run. */
export interface Track {
  readonly database: DatabaseName;
  /** A URL, or the file of SQLite. */
  readonly url: string;
  /** Redis: the PostgreSQL in which the accounts are. */
  readonly accountsUrl?: string;
}

/** One connection to the database. */
export interface Opened {
  readonly store: Store;
  readonly accounts: Accounts;
  readonly seed: SeedTokens;
  /** Whether token and account can change in one transaction. */
  readonly canLock: boolean;
  create(people: number): Promise<void>;
  version(): Promise<string>;
  close(): Promise<unknown>;
}

/** The tokens of the positive control: plain rows, looked up first and deleted last. */
export interface SeedTokens {
  put(token: string, userId: number): Promise<unknown>;
  select(token: string): Promise<number | null>;
  deleteAllOf(token: string, userId: number): Promise<unknown>;
}

export function open({ database, url, accountsUrl }: Track): Opened {
  if (database === "postgres") {
    const pool = new Pool({ connectionString: url, max: 1 });
    return onSql(pg(pool), "select version() as version", () => pool.end());
  }
  if (database === "mariadb") {
    const pool = createPool({ uri: url, connectionLimit: 1 });
    return onSql(mysql2(pool), "select version() as version", () => pool.end());
  }
  if (database === "sqlite") {
    const db = new Database(url);
    db.pragma("journal_mode = wal");
    db.pragma("synchronous = normal");
    return onSql(betterSqlite3(db), "select sqlite_version() as version", async () => db.close());
  }
  if (database === "mongodb") return onMongodb(url);
  return onRedis(new Redis(url), new Pool({ connectionString: accountsUrl!, max: 1 }));
}

function onSql(connection: SqlConnection, version: string, close: () => Promise<unknown>): Opened {
  const accounts = accountsOn(connection);
  const placeholder = (n: number) => (connection.dialect === "postgres" ? `$${n}` : "?");
  const run = (text: string, rows: boolean, values: (string | number)[]) =>
    connection.query({ text, rows }, values);
  return {
    store: sqlStore(connection),
    accounts,
    canLock: true,
    seed: {
      put: (token, userId) =>
        run(`insert into seed_tokens values (${placeholder(1)}, ${placeholder(2)})`, false, [token, userId]),
      async select(token) {
        const text = `select user_id as userid from seed_tokens where token = ${placeholder(1)}`;
        const [row] = (await run(text, true, [token])).rows;
        return row ? Number(row.userid) : null;
      },
      deleteAllOf: (_, userId) =>
        run(`delete from seed_tokens where user_id = ${placeholder(1)}`, false, [userId]),
    },
    async create(people) {
      await migrate(connection);
      await accounts.create(people);
      await run("create table seed_tokens (token varchar(64) primary key, user_id integer)", false, []);
    },
    version: async () => String((await run(version, true, [])).rows[0]!.version),
    close,
  };
}

function onRedis(client: Redis, pool: Pool): Opened {
  const accounts = accountsOn(pg(pool));
  const prefix = "resetkit-races";
  return {
    store: redisStore(client, { prefix }),
    accounts,
    canLock: false,
    seed: {
      put: (token, userId) => client.set(`${prefix}-seed:${token}`, userId),
      async select(token) {
        const userId = await client.get(`${prefix}-seed:${token}`);
        return userId === null ? null : Number(userId);
      },
      deleteAllOf: (token) => client.del(`${prefix}-seed:${token}`),
    },
    create: (people) => accounts.create(people),
    version: async () => /redis_version:(\S+)/.exec(await client.info("server"))?.[1] ?? "unknown",
    async close() {
      client.disconnect();
      await pool.end();
    },
  };
}
