import { assertFunction } from "../check-options.js";
import type { SqlConnection, SqlResult, SqlStatement, SqlValue } from "../ports.js";
import { mutexOf } from "../runtime/mutex.js";
import { withoutBuffer } from "./shared/bytes.js";
import { guarded } from "./shared/guarded.js";
import { runTransaction } from "./shared/transaction.js";

export interface LibsqlRunner {
  execute(statement: unknown): Promise<LibsqlResult>;
}

export interface LibsqlClient extends LibsqlRunner {
  transaction(mode?: unknown): Promise<LibsqlTransaction>;
  readonly protocol: string;
}

export interface LibsqlTransaction extends LibsqlRunner {
  commit(): Promise<void>;
  rollback(): Promise<void>;
  close(): void;
}

export interface LibsqlResult {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowsAffected: number;
}

/**
 * A connection over a client of `@libsql/client`. Its transaction handle is libSQL's `Transaction`, which holds the write
 * lock.
 *
 * On a file, transactions and statements of this process take turns, as with `betterSqlite3`. An in-memory database
 * doesn't work: libSQL opens a new one for the statements after a transaction. A libSQL server ends a transaction after
 * 5 seconds.
 *
 * @throws {TypeError} If `client` isn't a client of `@libsql/client`.
 * @example
 * ```ts
 * const connection = libsql(createClient({ url: "file:app.db" }));
 * ```
 */
export function libsql(client: LibsqlClient): SqlConnection<LibsqlTransaction> {
  assertFunction(client?.execute, "libsql's client", "pass what createClient({ url }) returned");
  assertFunction(client.transaction, "libsql's client", "pass what createClient({ url }) returned");
  const mutex = client.protocol === "file" ? mutexOf(client) : undefined;

  const transaction = async <T>(work: (handle: LibsqlTransaction) => Promise<T>): Promise<T> => {
    let handle!: LibsqlTransaction;
    const bracket = {
      begin: async () => (handle = await client.transaction("write")),
      commit: () => handle.commit(),
      rollback: () => handle.rollback(),
    };
    try {
      return await runTransaction(bracket, () => work(handle));
    } finally {
      handle?.close();
    }
  };

  return guarded<LibsqlTransaction>({
    dialect: "sqlite",
    database: client,
    query: async (statement, values, handle) => {
      if (handle || !mutex) return run(handle ?? client, statement, values);
      return mutex.run(() => run(client, statement, values));
    },
    transaction: (work) => (mutex ? mutex.runExclusive(() => transaction(work)) : transaction(work)),
  });
}

async function run(
  runner: LibsqlRunner,
  { text, rows }: SqlStatement,
  values: readonly SqlValue[],
): Promise<SqlResult> {
  const result = await runner.execute({ sql: text, args: [...values] });
  if (!rows) return { rows: [], changes: result.rowsAffected };
  const read = result.rows.map((row) =>
    Object.fromEntries(result.columns.map((name, index) => [name, withoutBuffer(row[index])])),
  );
  return { rows: read, changes: 0 };
}
