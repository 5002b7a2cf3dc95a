import Database from "better-sqlite3";

export type Db = Database.Database;

/**
 * Opens the demo's database, with the tables of an application that has accounts; the tables of resetkit
 * come from its own `migrate`.
 *
 * Application and resetkit share the connection. They may because everything here is synchronous: a
 * transaction of resetkit is over before the next request is served, so nothing can slip into it.
 */
export function openDatabase(path: string): Db {
  const db = new Database(path);
  db.pragma("journal_mode = WAL");
  // A request that was answered must outlive a power cut, not only the death of the process.
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  db.exec(schema);
  return db;
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
