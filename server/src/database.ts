import { createRequire } from "node:module";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import type { SqlConnection } from "resetkit/types";

/** What the demo needs of either client. */
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
 * Opens the demo's database, with the tables of an application that has accounts; the tables of resetkit
 * come from its own `migrate`.
 *
 * Application and resetkit share the connection. They may because everything here is synchronous: a
 * transaction of resetkit is over before the next request is served, so nothing can slip into it.
 */
export function openDatabase(path: string): Db {
  const db = open(path);
  db.exec("pragma journal_mode = WAL");
  // A request that was answered must outlive a power cut, not only the death of the process.
  db.exec("pragma synchronous = FULL");
  db.exec("pragma foreign_keys = ON");
  db.exec("pragma busy_timeout = 5000");
  db.exec(schema);
  return db;
}

/** With Node's own SQLite where it has one, from 22.13: no package has to be compiled. Otherwise with better-sqlite3. */
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

/** Which client it is, for the log. */
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
