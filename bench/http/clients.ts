import Database from "better-sqlite3";
import { Pool } from "pg";
import { poolSize } from "./system.js";

/** Every system gets the same connections to the same kind of file. */
export function openSqlite(file: string): Database.Database {
  const db = new Database(file);
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  return db;
}

export function openPool(connectionString: string): Pool {
  return new Pool({ connectionString, max: poolSize });
}
