import { createRequire } from "node:module";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import type { SqlConnection } from "resetkit/types";

/** The part of either client that the demo uses. */
export interface Db {
  prepare(sql: string): Statement;
  exec(sql: string): unknown;
  close(): unknown;
}

interface Statement {
  get(...values: any[]): unknown;
  all(...values: any[]): unknown[];
  run(...values: any[]): { readonly changes: number | bigint };
}

const require = createRequire(import.meta.url);

/**
 * Opens the demo's database, and creates the application's own tables. resetkit's tables come from its `migrate`.
 *
 * The application and resetkit share the connection. That's safe because everything here is synchronous: a resetkit
 * transaction ends before the next request is served, so no other statement can become part of it.
 */
export function openDatabase(path: string): Db {
  const db = open(path);
  db.exec("pragma journal_mode = WAL");
  // An accepted request must survive a power failure, not only a crash of the process.
  db.exec("pragma synchronous = FULL");
  db.exec("pragma foreign_keys = ON");
  db.exec("pragma busy_timeout = 5000");
  db.exec(schema);
  return db;
}

/** Uses Node's own SQLite if it has one (22.13 and newer), so that no package has to be compiled. Otherwise better-sqlite3. */
function open(path: string): Db {
  const BuiltIn = builtIn();
  if (BuiltIn) return new BuiltIn(path);
  try {
    const BetterSqlite3 = require("better-sqlite3") as new (path: string) => Db;
    return new BetterSqlite3(path);
  } catch (cause) {
    throw new Error(
      "This Node has no node:sqlite, and better-sqlite3 can't be loaded. Use Node 22.13 or newer, or run npm ci with a C++ compiler.",
      { cause },
    );
  }
}

function builtIn(): (new (path: string) => Db) | undefined {
  try {
    return require("node:sqlite").DatabaseSync;
  } catch {
    return undefined;
  }
}

/** The name of the client, for the log. */
export function clientOf(db: Db): "node:sqlite" | "better-sqlite3" {
  return "pragma" in db ? "better-sqlite3" : "node:sqlite";
}

export function connectionTo(db: Db): SqlConnection<any> {
  return clientOf(db) === "better-sqlite3" ? betterSqlite3(db as never) : nodeSqlite(db);
}

const schema = `
  create table if not exists users (
    id integer primary key autoincrement,
    email text not null unique collate nocase,
    password_hash text,
    active integer not null
  ) strict;

  create table if not exists sessions (
    token_hash blob primary key,
    user_id integer not null references users (id) on delete cascade,
    created_at integer not null
  ) strict, without rowid;
`;
