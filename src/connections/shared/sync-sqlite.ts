import { yieldToEventLoop } from "../../runtime/event-loop.js";
import { mutexOf } from "../../runtime/mutex.js";
import { createGroupCommit } from "./group-commit.js";
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

interface SyncConnection<Client> extends SqlConnection<Client> {
  transaction: NonNullable<SqlConnection<Client>["transaction"]>;
}

/** The connection over a synchronous SQLite client. See `betterSqlite3` for the limit. */
export function syncSqlite<Client extends SyncSqlite>(
  db: Client,
  endOfTurn: () => Promise<void> = yieldToEventLoop,
): SyncConnection<Client> {
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
  // IMMEDIATE: a transaction that reads first and then writes can't wait for the write lock; SQLite fails it.
  const bracket = {
    begin: () => db.exec("begin immediate"),
    commit: () => db.exec("commit"),
    rollback: () => db.exec("rollback"),
  };
  const group = createGroupCommit(mutex, bracket, endOfTurn);
  const inTransaction = async (...query: Parameters<typeof run>) => run(...query);

  return {
    dialect: "sqlite",
    database: db,
    query(statement, values, handle) {
      if (handle) return inTransaction(statement, values);
      const step = () => run(statement, values);
      return /^select/i.test(statement.text) ? mutex.run(step) : group.run(step);
    },
    transaction: (work) => mutex.runExclusive(() => runTransaction(bracket, () => work(db))),
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
