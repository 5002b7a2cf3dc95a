import { assertFunction, UsageError } from "../check-options.js";
import { mutexOf } from "../runtime/mutex.js";
import type { SqlConnection, SqlDialect, SqlResult, SqlStatement, SqlValue } from "../ports.js";
import { withBuffers } from "./shared/bytes.js";
import { guarded } from "./shared/guarded.js";

export interface SequelizeInstance {
  getDialect(): string;
  query(text: string, options?: unknown): Promise<any>;
  transaction(options: unknown, work: unknown): Promise<any>;
}

const dialects: Readonly<Record<string, SqlDialect>> = {
  postgres: "postgres",
  mysql: "mysql",
  mariadb: "mysql",
  sqlite: "sqlite",
};

/**
 * A connection over an instance of Sequelize 6 on `postgres`, `mysql`, `mariadb`, or `sqlite`. Its transaction handle is
 * Sequelize's `Transaction`. With read replicas, always uses the primary.
 *
 * The limit on SQLite is the same as for `betterSqlite3`: resetkit runs one transaction at a time, and its other statements
 * wait.
 *
 * @throws {TypeError} If `instance` isn't one of Sequelize 6, runs on another database, or has
 * `dialectOptions.rowsAsArray`, since its rows then have no names.
 * @example
 * ```ts
 * const connection = sequelize(new Sequelize(process.env.DATABASE_URL));
 * ```
 */
export function sequelize(instance: SequelizeInstance): SqlConnection {
  assertFunction(instance?.getDialect, "sequelize's instance", "pass what new Sequelize(uri) returned");
  const dialect = dialects[instance.getDialect()];
  if (!dialect) {
    throw new UsageError(
      `sequelize runs on ${instance.getDialect()}, which isn't supported. Use postgres, mysql, mariadb, or sqlite.`,
    );
  }
  // Sequelize keeps its options where its types don't show them.
  const { options } = instance as { options?: { dialectOptions?: { rowsAsArray?: unknown } } };
  if (options?.dialectOptions?.rowsAsArray) {
    throw new UsageError(
      "sequelize's instance has dialectOptions.rowsAsArray: true, so its rows have no names and no rate limit would hold. Pass an instance without it.",
    );
  }

  const send = (statement: SqlStatement, values: readonly SqlValue[], handle?: unknown) =>
    run(instance, dialect, statement, values, handle);
  // READ COMMITTED: see mysql2 for why. SQLite ignores it. IMMEDIATE: see `syncSqlite` for why. The others ignore it.
  const transaction = <T>(work: (handle: any) => Promise<T>): Promise<T> =>
    instance
      .transaction({ isolationLevel: "READ COMMITTED", type: "IMMEDIATE" }, work)
      .catch((error) => Promise.reject(withCause(error)));
  // In memory there's a single connection. In a file, each transaction opens its own, and would find the file locked.
  const mutex = dialect === "sqlite" ? mutexOf(instance) : undefined;

  return guarded<any>({
    dialect,
    database: instance,
    query: async (statement, values, handle) =>
      handle || !mutex ? send(statement, values, handle) : mutex.run(() => send(statement, values)),
    transaction: (work) => (mutex ? mutex.runExclusive(() => transaction(work)) : transaction(work)),
  });
}

async function run(
  instance: SequelizeInstance,
  dialect: SqlDialect,
  { text, rows }: SqlStatement,
  values: readonly SqlValue[],
  handle: unknown,
): Promise<SqlResult> {
  const options = {
    // This type returns the number of rows on every database, whatever the statement.
    type: rows ? "SELECT" : "BULKUPDATE",
    // `null` instead of `undefined`: Sequelize would otherwise join a transaction of the application, if it uses CLS.
    transaction: handle ?? null,
    // A replica may not have a new token yet.
    useMaster: true,
    // What an application may have set for all of its own queries.
    ...{ raw: true, nest: false, plain: false, supportsSearchPath: false },
    ...(values.length > 0 && { bind: withBuffers(values) }),
  };
  // On SQLite, Sequelize reads no rows of a statement that starts with "insert into".
  const marked = dialect === "sqlite" && rows ? `/**/ ${text}` : text;
  try {
    const result = await instance.query(values.length > 0 ? bound(marked, dialect) : marked, options);
    return rows ? { rows: result, changes: 0 } : { rows: [], changes: result };
  } catch (error) {
    throw driverError(error);
  }
}

/**
 * A statement as Sequelize takes it with `bind`: each placeholder is `$1`, and a `$` that may look like one, in a quoted
 * name, is doubled. Sequelize leaves a `$` after a letter or a digit alone.
 */
function bound(text: string, dialect: SqlDialect): string {
  let count = 0;
  const placeholder = () => (dialect === "postgres" ? "?" : `$${++count}`);
  // A quote inside quotes is doubled, so such a name is two parts here.
  return text.replace(/"[^"]*"|'[^']*'|`[^`]*`|\?/g, (part) =>
    part === "?" ? placeholder() : part.replace(/\B\$/g, "$$$$"),
  );
}

/** The driver's error has the code. Sequelize adds the statement's values to it, which no log should get. */
function driverError(error: unknown): unknown {
  const { original = error } = (error ?? {}) as { original?: unknown };
  delete (original as { parameters?: unknown } | undefined)?.parameters;
  return original;
}

/** An error of the application's own queries stays Sequelize's, and its cause has the code that says whether to retry. */
function withCause(error: any): unknown {
  if (error?.original) error.cause ??= error.original;
  return error;
}
