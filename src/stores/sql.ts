import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { SqlConnection, Store, UserId } from "../ports.js";
import { serverTime, serverVersionOf, sqlCheck } from "./sql/check.js";
import { sqlCounters } from "./sql/counters.js";
import type { Database } from "./sql/database.js";
import { dialects } from "./sql/dialects.js";
import { sqlQueue } from "./sql/queue.js";
import { withRetries } from "../sql/retry.js";
import { statementsFor } from "./sql/statements.js";
import { tablesOf, type SchemaOptions } from "./sql/tables.js";
import { sqlTokens } from "./sql/tokens.js";
import { assertConnection } from "../sql/connection.js";

export { migrate, migrations, migrationSql } from "./sql/schema.js";
export type { Migration } from "./sql/schema.js";
export type { SchemaOptions } from "./sql/tables.js";

export interface SqlStoreOptions extends SchemaOptions {
  /** Makes an id from the hexadecimal text of an ObjectId (`users.parseId`). Default: the text. */
  readonly parseId?: (text: string) => UserId;
}

/**
 * A store in SQLite, PostgreSQL, MySQL, or MariaDB, with any of `resetkit/connections/…`. `migrate` creates its tables.
 *
 * Each method is one conditional statement whose number of changed rows decides, or a few that compare before they set,
 * so it's correct at every isolation level and with any number of processes. What the database gives up for a transient
 * reason (deadlock, serialization failure, SQLITE_BUSY) is retried, at most six times.
 *
 * Throws a `TypeError` if `connection` isn't a connection.
 * @example
 * ```ts
 * const store = sqlStore(pg(new Pool()), { prefix: "auth_" });
 * ```
 */
export function sqlStore(connection: SqlConnection, options: SqlStoreOptions = {}): Store {
  assertConnection(connection, "sqlStore", "");
  if (connection.dialect === "mysql" && !connection.transaction) {
    throw new UsageError(
      "A MySQL connection without transactions can't count hits. Use mysql2, or another one of resetkit/connections.",
    );
  }
  assertKnownKeys(options, ["prefix", "schema", "parseId"], "sqlStore");
  const { prefix, schema, parseId } = options;
  if (parseId) assertFunction(parseId, "sqlStore's parseId", "pass a function of the id's text");
  const tables = tablesOf(connection.dialect, { prefix, schema }, "sqlStore");
  const dialect = dialects[connection.dialect];
  const { database } = connection;
  const { time } = dialect;

  const begin = connection.transaction?.bind(connection);
  const transaction: Store["transaction"] = begin && ((work) => withRetries(() => begin(work)));

  const db: Database = {
    connection,
    transaction,
    statements: statementsFor(dialect, tables),
    run(statement, values, handle) {
      const sent = dialect.name === "mysql" ? values.map((value) => dialect.value(value)) : values;
      // Don't retry inside a caller's transaction: only the caller can replay its other statements.
      if (handle !== undefined) return connection.query(statement, sent, handle);
      return withRetries(() => connection.query(statement, sent));
    },
    serverVersion: serverVersionOf(connection),
  };

  return {
    tokens: { ...sqlTokens(db, parseId), database },
    counters: sqlCounters(db),
    queue: { ...sqlQueue(db), database },
    transaction,
    check: () => sqlCheck(db, tables),
    ...(time && { time: () => serverTime(connection, time) }),
  };
}
