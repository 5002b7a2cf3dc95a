import Database from "better-sqlite3";
import { Pool } from "pg";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection, Store } from "resetkit/types";

export interface Place {
  readonly database: "sqlite" | "postgres";
  /** A URL, or the file of SQLite. */
  readonly url: string;
}

export interface Opened {
  readonly connection: SqlConnection;
  readonly store: Store;
  close(): Promise<unknown>;
}

export function open({ database, url }: Place): Opened {
  if (database === "postgres") {
    const pool = new Pool({ connectionString: url, max: 2 });
    const connection = pg(pool);
    return { connection, store: sqlStore(connection), close: () => pool.end() };
  }
  const db = new Database(url);
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  // Whoever's commit fills so many pages copies them back: 1,000, the default, stops a process for 4 ms.
  db.pragma("wal_autocheckpoint = 400");
  const connection = betterSqlite3(db);
  return { connection, store: sqlStore(connection), close: async () => db.close() };
}

export const day = 86_400_000;
const columns = "lookup, proof, scope, user_id, slot, created_at, expires_at, delivery, leased_until";

/** Makes the tables, with so many rows that expired in the 30 days before `now`, in the order of their time. */
export async function fill({ connection }: Opened, expired: number, now: number): Promise<void> {
  await migrate(connection);
  const oldest = now - 30 * day;
  const step = Math.floor((29 * day) / expired);
  const times = `${oldest} + i * ${step} - ${day}, ${oldest} + i * ${step}`;
  const run = (text: string) => connection.query({ text, rows: false }, []);
  if (connection.dialect === "postgres") {
    await run(`insert into resetkit_tokens (${columns})
      select decode(md5('l' || i), 'hex'), decode(md5('p' || i) || md5('q' || i), 'hex'), '', 's:old' || i, 0, ${times},
        'accepted', 0 from generate_series(1::bigint, ${expired}) as i`);
    await run("vacuum analyze resetkit_tokens");
    await run("checkpoint");
    return;
  }
  await run(`insert into resetkit_tokens (${columns})
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${expired})
    select randomblob(16), randomblob(32), '', 's:old' || i, 0, ${times}, 'accepted', 0 from n`);
  await connection.query({ text: "pragma wal_checkpoint(truncate)", rows: true }, []);
}
