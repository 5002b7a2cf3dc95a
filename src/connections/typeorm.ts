import { assertFunction, UsageError } from "../check-options.js";
import { mutexOf } from "../runtime/mutex.js";
import type { SqlConnection, SqlDialect, SqlResult, SqlStatement, SqlValue } from "../ports.js";
import { guarded } from "./shared/guarded.js";

export interface TypeormDataSource {
  readonly options: { readonly type: string };
  createQueryRunner(): TypeormRunner;
  transaction(isolation: unknown, work: unknown): Promise<any>;
}

interface TypeormRunner {
  query(
    text: string,
    values: unknown[],
    isStructured: true,
  ): Promise<{ records: SqlResult["rows"]; affected?: number }>;
  release(): Promise<unknown>;
}

const dialects: Readonly<Record<string, SqlDialect>> = {
  postgres: "postgres",
  mysql: "mysql",
  mariadb: "mysql",
  "better-sqlite3": "sqlite",
};

/**
 * A connection over a TypeORM `DataSource` on `postgres`, `mysql`, `mariadb`, or `better-sqlite3`. Its transaction handle
 * is the `EntityManager`.
 *
 * The limit on SQLite is the same as for `betterSqlite3`: a connection holds one transaction at a time.
 */
export function typeorm(source: TypeormDataSource): SqlConnection {
  assertFunction(source?.createQueryRunner, "typeorm's data source", "pass an initialized DataSource");
  const dialect = dialects[source.options.type];
  if (!dialect) {
    throw new UsageError(
      `typeorm runs on ${source.options.type}, which isn't supported. Use postgres, mysql, mariadb, or better-sqlite3.`,
    );
  }

  const outside = async (statement: SqlStatement, values: readonly SqlValue[]) => {
    const runner = source.createQueryRunner();
    try {
      return await run(runner, statement, values);
    } finally {
      await runner.release();
    }
  };
  // READ COMMITTED: see mysql2 for why. SQLite supports only SERIALIZABLE.
  const transaction = <T>(work: (handle: any) => Promise<T>): Promise<T> =>
    source.transaction(dialect === "sqlite" ? "SERIALIZABLE" : "READ COMMITTED", work);
  const mutex = dialect === "sqlite" ? mutexOf(source) : undefined;

  return guarded<any>({
    dialect,
    database: source,
    query: async (statement, values, handle) => {
      if (handle) return run(handle.queryRunner, statement, values);
      return mutex ? mutex.run(() => outside(statement, values)) : outside(statement, values);
    },
    transaction: (work) => (mutex ? mutex.runExclusive(() => transaction(work)) : transaction(work)),
  });
}

async function run(
  runner: TypeormRunner,
  { text, rows }: SqlStatement,
  values: readonly SqlValue[],
): Promise<SqlResult> {
  const { records, affected } = await runner.query(text, [...values], true);
  return rows ? { rows: records, changes: 0 } : { rows: [], changes: affected ?? 0 };
}
