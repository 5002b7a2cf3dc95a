import Database from "better-sqlite3";
import { createPool } from "mysql2/promise";
import { join } from "node:path";
import { Pool } from "pg";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import type { SqlConnection } from "resetkit/types";
import { mariadb } from "../servers/mariadb.js";
import { mysql } from "../servers/mysql.js";
import { postgres } from "../servers/postgres.js";

/** A new database, and the words that the tools have for it. */
export interface TriedDatabase {
  readonly url: string;
  /** What `npx resetkit schema` and drizzle-kit call it. */
  readonly dialect: "postgresql" | "mysql" | "sqlite";
  readonly connection: SqlConnection;
  run(sql: string): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Why a test is skipped: what each kind of database below is `null` for. */
export const unavailable = "This machine can't run MySQL: see test/servers/mysql.ts.";

/** Each kind of database, made anew whenever it's asked for; `null` if this machine can't run it. */
export const databases: Readonly<Record<string, (folder: string) => Promise<TriedDatabase | null>>> = {
  PostgreSQL: async () => {
    const url = await postgres();
    const pool = new Pool({ connectionString: url });
    return {
      url,
      dialect: "postgresql",
      connection: pg(pool),
      run: (sql) => pool.query(sql),
      close: () => pool.end(),
    };
  },
  MariaDB: async () => onMysql(await mariadb()),
  MySQL: async () => {
    const found = await mysql();
    return "url" in found ? onMysql(found.url) : null;
  },
  SQLite: async (folder) => {
    const file = join(folder, `${crypto.randomUUID()}.db`);
    const db = new Database(file);
    return {
      url: `file:${file}`,
      dialect: "sqlite",
      connection: betterSqlite3(db),
      run: async (sql) => db.exec(sql),
      close: async () => db.close(),
    };
  },
};

function onMysql(url: string): TriedDatabase {
  const pool = createPool({ uri: url, multipleStatements: true });
  return {
    url,
    dialect: "mysql",
    connection: mysql2(pool),
    run: (sql) => pool.query(sql),
    close: () => pool.end(),
  };
}
