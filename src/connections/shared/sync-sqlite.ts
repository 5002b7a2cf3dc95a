import { mutexOf } from "../../runtime/mutex.js";
import type { SqlConnection, SqlResult, SqlStatement, SqlValue } from "../../ports.js";
import { runTransaction } from "./transaction.js";

/** What better-sqlite3, `node:sqlite`, and `bun:sqlite` have in common. */
export interface SyncSqlite {
  prepare(text: string): SyncStatement;
  exec(text: string): unknown;
}

export interface SyncStatement {
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): { readonly changes: number | bigint };
  /** better-sqlite3 only: returns rows as arrays from now on, which takes two thirds of the time. */
  raw?(): unknown;
  columns?(): readonly { readonly name: string }[];
}

/** The connection over a synchronous SQLite client. See `betterSqlite3` for the limit. */
export function syncSqlite<Client extends SyncSqlite>(db: Client): SqlConnection<Client> {
  const mutex = mutexOf(db);
  const prepared = new Map<string, Execute>();

  const run = ({ text, rows, name }: SqlStatement, values: readonly SqlValue[]): SqlResult => {
    let execute = prepared.get(text);
    if (!execute) {
      execute = rows ? reader(db.prepare(text)) : writer(db.prepare(text));
      if (name) prepared.set(text, execute);
    }
    return execute(values);
  };
  const inTransaction = async (...query: Parameters<typeof run>) => run(...query);

  return {
    dialect: "sqlite",
    database: db,
    query: (statement, values, handle) =>
      handle ? inTransaction(statement, values) : mutex.run(() => run(statement, values)),
    // IMMEDIATE: a transaction that reads first and then writes can't wait for the write lock; SQLite fails it.
    transaction: (work) =>
      mutex.runExclusive(() =>
        runTransaction(
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

type Execute = (values: readonly SqlValue[]) => SqlResult;

function writer(statement: SyncStatement): Execute {
  return (values) => ({ rows: [], changes: Number(statement.run(...values).changes) });
}

function reader(statement: SyncStatement): Execute {
  if (!statement.raw || !statement.columns) {
    return (values) => ({ rows: statement.all(...values) as SqlResult["rows"], changes: 0 });
  }
  const names = statement.columns().map(({ name }) => name);
  statement.raw();
  return (values) => ({ rows: statement.all(...values).map((row) => rowOf(names, row)), changes: 0 });
}

function rowOf(names: readonly string[], values: unknown): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < names.length; index++) row[names[index]!] = (values as unknown[])[index];
  return row;
}
