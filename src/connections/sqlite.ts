import { turnsOf } from "../turns.js";
import type { SqlConnection, SqlResult, SqlStatement, SqlValue } from "../types.js";
import { between } from "./bracket.js";

/** What better-sqlite3, `node:sqlite` and `bun:sqlite` have in common. */
export interface SyncSqlite {
  prepare(text: string): {
    all(...values: any[]): unknown[];
    run(...values: any[]): { readonly changes: number | bigint };
  };
  exec(text: string): unknown;
}

/** The connection over a synchronous SQLite client. See `betterSqlite3` for the limit. */
export function syncSqlite<Client extends SyncSqlite>(db: Client): SqlConnection<Client> {
  const turns = turnsOf(db);
  const prepared = new Map<string, ReturnType<SyncSqlite["prepare"]>>();

  const run = ({ text, rows, name }: SqlStatement, values: readonly SqlValue[]): SqlResult => {
    let statement = prepared.get(text);
    if (!statement) {
      statement = db.prepare(text);
      if (name) prepared.set(text, statement);
    }
    if (rows) return { rows: statement.all(...values) as SqlResult["rows"], changes: 0 };
    return { rows: [], changes: Number(statement.run(...values).changes) };
  };

  return {
    dialect: "sqlite",
    database: db,
    query: async (statement, values, handle) =>
      handle ? run(statement, values) : turns.step(() => run(statement, values)),
    // IMMEDIATE: a transaction that reads first and then writes cannot wait for the write lock, and fails.
    transaction: (work) =>
      turns.alone(() =>
        between(
          {
            begin: () => db.exec("begin immediate"),
            commit: () => db.exec("commit"),
            rollback: () => db.exec("rollback"),
          },
          () => work(db),
        ),
      ),
  };
}
