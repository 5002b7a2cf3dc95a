import Database from "better-sqlite3";
import { Pool } from "pg";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { migrate } from "resetkit/stores/sql";
import type { SqlConnection } from "resetkit/types";
import { kinds, maxLive, type Kind } from "./classes.js";

export interface Place {
  readonly database: "sqlite" | "postgres";
  /** A URL, or the file of SQLite. */
  readonly url: string;
}

export interface Opened {
  readonly connection: SqlConnection;
  version(): Promise<string>;
  /** How many requests wait for a worker. */
  waiting(): Promise<number>;
  close(): Promise<unknown>;
}

export function open({ database, url }: Place): Opened {
  if (database === "postgres") {
    const pool = new Pool({ connectionString: url });
    return opened(pg(pool), "select version() as version", () => pool.end());
  }
  const db = new Database(url);
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  return opened(betterSqlite3(db), "select sqlite_version() as version", async () => db.close());
}

function opened(connection: SqlConnection, version: string, close: () => Promise<unknown>): Opened {
  const first = async (text: string) => (await connection.query({ text, rows: true }, [])).rows[0]!;
  return {
    connection,
    version: async () => String((await first(version)).version).split(" on ")[0]!,
    waiting: async () => Number((await first("select count(*) as waiting from resetkit_queue")).waiting),
    close,
  };
}

const hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";

/** Makes the tables, with accounts for so many rounds, and the tokens of those who have had their mails. */
export async function fill({ connection }: Opened, rounds: number, now: number): Promise<void> {
  await migrate(connection);
  const isPostgres = connection.dialect === "postgres";
  const run = (text: string) => connection.query({ text, rows: false }, []);
  const bytes = (what: string, size: 16 | 32) => {
    if (!isPostgres) return `randomblob(${size})`;
    const md5 = (salt: string) => `md5('${what}${salt}' || n || '-' || slot)`;
    return `decode(${size === 16 ? md5("") : `${md5("a")} || ${md5("b")}`}, 'hex')`;
  };
  const series = (name: string, count: number) =>
    isPostgres
      ? `generate_series(0, ${count - 1}) as ${name}s(${name})`
      : `(with recursive s(${name}) as (select 0 union all select ${name} + 1 from s where ${name} < ${count - 1}) select ${name} from s)`;
  const all = series("n", rounds * kinds.length);
  const kind = `n % ${kinds.length}`;
  const is = (one: Kind) => `${kind} = ${kinds.indexOf(one)}`;
  const email = `'a' || ${isPostgres ? "lpad(cast(n as text), 7, '0')" : "printf('%07d', n)"} || '@example.com'`;

  await run(
    "create table people (id integer primary key, email text not null, password_hash text not null, active integer not null)",
  );
  await run(`insert into people select 2 * n, ${email},
    case when ${is("no password")} then '' else '${hash}' end,
    case when ${is("inactive")} then 0 else 1 end
    from ${all} where not (${is("unknown")})`);
  await run(
    `insert into people select 2 * n + 1, ${email}, '${hash}', 1 from ${all} where ${is("several accounts")}`,
  );
  await run("create index people_email on people (email)");
  await run(`insert into resetkit_tokens
    (lookup, proof, scope, user_id, slot, created_at, expires_at, delivery, leased_until)
    select ${bytes("l", 16)}, ${bytes("p", 32)}, '', 'n:' || (2 * n), slot, ${now}, ${now + 86_400_000}, 'accepted', 0
    from ${all}, ${series("slot", maxLive)} where ${is("over the cap")}`);
  await run("analyze");
}
