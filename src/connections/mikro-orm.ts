import { assertFunction, UsageError } from "../check-options.js";
import { mutexOf } from "../runtime/mutex.js";
import type { SqlConnection, SqlDialect, SqlResult, SqlStatement, SqlValue } from "../ports.js";
import { withBuffers, withoutBuffer } from "./shared/bytes.js";
import { guarded } from "./shared/guarded.js";
import { runRaw } from "./shared/knex-raw.js";

export interface MikroOrmInstance<Manager extends MikroOrmManager = MikroOrmManager> {
  readonly em: Manager;
  readonly config: { get(option: "driverOptions"): unknown };
}

export interface MikroOrmManager {
  fork(options?: unknown): unknown;
  getConnection(type?: "write"): unknown;
  getTransactionContext(): unknown;
}

/** The part of MikroORM's `AbstractSqlConnection` that is used here. */
interface Connection {
  getDefaultClientUrl(): string;
  ensureConnection(): Promise<unknown>;
  getKnex(): KnexRunner;
}

interface KnexRunner {
  raw(text: string, values?: unknown): KnexQuery;
}

interface KnexQuery extends PromiseLike<unknown> {
  toQuery(): string;
}

interface Fork<Manager> {
  transactional<T>(work: (handle: Manager) => Promise<T>, options: object): Promise<T>;
}

/** The options of Knex that change rows, or a Knex that an application made itself. */
interface DriverOptions {
  readonly postProcessResponse?: unknown;
  readonly connection?: { readonly rowsAsArray?: unknown };
  readonly context?: { readonly client?: { readonly config?: DriverOptions } };
}

/** By the protocol of the driver's default URL. The drivers for SQLite have none. */
const dialects: Readonly<Record<string, SqlDialect>> = {
  postgresql: "postgres",
  mysql: "mysql",
  "": "sqlite",
};

/**
 * A connection over an instance of MikroORM 6 on PostgreSQL, MySQL, MariaDB, SQLite, or libSQL. Its transaction handle is
 * an `EntityManager` in the transaction, with an identity map of its own. What a callback persists with it is flushed before
 * the commit. With read replicas, always uses the primary.
 *
 * The limit on SQLite is the same as for `betterSqlite3`: resetkit runs one transaction at a time, and its other statements
 * wait.
 *
 * @throws {TypeError} If `orm` isn't an instance of MikroORM 6, runs on another database, or has a `driverOptions` that
 * changes rows: `postProcessResponse`, or `connection.rowsAsArray`.
 * @example
 * ```ts
 * const orm = await MikroORM.init(config);
 * const connection = mikroOrm(orm);
 * ```
 */
export function mikroOrm<Manager extends MikroOrmManager>(
  orm: MikroOrmInstance<Manager>,
): SqlConnection<Manager> {
  assertFunction(orm?.em?.getConnection, "mikroOrm's orm", "pass what await MikroORM.init() returned");
  const dialect = dialectOf(orm.em.getConnection() as Connection);
  assertPlainRows(orm);

  // A replica may not have a new token yet. Closing the ORM and connecting again makes another Knex. A lazy one is only told
  // by `ensureConnection` to enforce foreign keys on SQLite.
  const connected = async (): Promise<Connection> => {
    const connection = orm.em.getConnection("write") as Connection;
    await connection.ensureConnection();
    return connection;
  };
  const outside = async (statement: SqlStatement, values: readonly SqlValue[]) =>
    run((await connected()).getKnex(), dialect, statement, values);
  const transaction = async <T>(work: (handle: Manager) => Promise<T>): Promise<T> => {
    await connected();
    // A fork joins no transaction of the application. By its context, it could be that of another database. And an application
    // that disabled transactions would leave us without one.
    const fork = orm.em.fork({ disableContextResolution: true, disableTransactions: false }) as Fork<Manager>;
    const begun = async (handle: Manager) => {
      if (dialect === "sqlite") await becomeImmediate(transactionOf(handle));
      return work(handle);
    };
    // See mysql2 for why.
    return fork.transactional(begun, dialect === "mysql" ? { isolationLevel: "read committed" } : {});
  };
  // A pool for SQLite has one connection by default, and may have several on a file, which would be found locked.
  const mutex = dialect === "sqlite" ? mutexOf(orm) : undefined;

  return guarded<Manager>({
    dialect,
    database: orm,
    query: async (statement, values, handle) => {
      if (handle) return run(transactionOf(handle), dialect, statement, values);
      return mutex ? mutex.run(() => outside(statement, values)) : outside(statement, values);
    },
    transaction: (work) => (mutex ? mutex.runExclusive(() => transaction(work)) : transaction(work)),
  });
}

function dialectOf(connection: Connection): SqlDialect {
  if (typeof connection.getKnex !== "function") {
    throw new UsageError(
      "mikroOrm's orm doesn't run on Knex. Pass an instance of MikroORM 6 on a SQL database. With MikroORM 7, use resetkit/connections/kysely: kysely(orm.em.getKysely()).",
    );
  }
  const [database = ""] = connection.getDefaultClientUrl().split(":");
  const dialect = dialects[database];
  if (!dialect) {
    throw new UsageError(
      `mikroOrm runs on ${database}, which isn't supported. Use MikroORM's driver for PostgreSQL, MySQL, MariaDB, SQLite, or libSQL.`,
    );
  }
  return dialect;
}

function assertPlainRows(orm: MikroOrmInstance): void {
  const given = orm.config.get("driverOptions") as DriverOptions | undefined;
  const options = given?.context?.client?.config ?? given;
  const changing = options?.postProcessResponse
    ? "driverOptions.postProcessResponse, which changes the rows that resetkit reads"
    : options?.connection?.rowsAsArray &&
      "driverOptions.connection.rowsAsArray: true, so its rows have no names and no rate limit would hold";
  if (changing) throw new UsageError(`mikroOrm's orm has ${changing}. Pass an instance without it.`);
}

function transactionOf(handle: MikroOrmManager): KnexRunner {
  const transaction = handle.getTransactionContext();
  if (transaction) return transaction as KnexRunner;
  throw new UsageError(
    "mikroOrm received an EntityManager that isn't in a transaction. Pass the one that em.transactional() passes to its callback.",
  );
}

/** Knex can only begin a deferred transaction, and this one is still empty. See `syncSqlite` for why. */
async function becomeImmediate(transaction: KnexRunner): Promise<void> {
  await transaction.raw("rollback");
  try {
    await transaction.raw("begin immediate");
  } catch (error) {
    // Knex now rolls back, and would fail without a transaction.
    await transaction.raw("begin");
    throw error;
  }
}

async function run(
  runner: KnexRunner,
  dialect: SqlDialect,
  { text, rows }: SqlStatement,
  values: readonly SqlValue[],
): Promise<SqlResult> {
  // MikroORM decides by a statement's first word whether SQLite returns rows, and some that start with `delete` do.
  const marked = dialect === "sqlite" && rows ? `/**/ ${text}` : text;
  let query: KnexQuery | undefined;
  const sent = { raw: (...given: Parameters<KnexRunner["raw"]>) => (query = runner.raw(...given)) };
  try {
    const result = await runRaw(sent, { text: marked, rows }, withBuffers(values));
    return dialect === "sqlite" ? { ...result, rows: result.rows.map(rowOf) } : result;
  } catch (error) {
    throw withoutValues(error, query?.toQuery(), text);
  }
}

function rowOf(row: SqlResult["rows"][number]): SqlResult["rows"][number] {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, withoutBuffer(value)]));
}

/**
 * Knex puts the statement before the driver's message, and the drivers for MySQL and MariaDB add it again. Both have the
 * values in it, which no log should get. On PostgreSQL, it has placeholders.
 */
function withoutValues(error: any, statement: string | undefined, text: string): unknown {
  if (!statement || !error?.message?.startsWith(statement)) return error;
  const { sqlMessage = error.message.slice(statement.length + " - ".length), stack } = error;
  error.message = `${text} - ${sqlMessage}`;
  error.stack = `${error.name}: ${error.message}${/\n {4}at [^]*/.exec(stack)?.[0] ?? ""}`;
  if (error.sql) error.sql = text;
  return error;
}
