import { assertFunction, assertKnownKeys } from "../check-options.js";
import type { SqlConnection, SqlDialect, SqlResult } from "../ports.js";
import { guarded } from "./shared/guarded.js";

export interface KyselyExecutor {
  executeQuery(
    query: unknown,
  ): Promise<{ readonly rows: SqlResult["rows"][number][]; readonly numAffectedRows?: bigint | undefined }>;
}

export interface KyselyDatabase extends KyselyExecutor {
  transaction(): KyselyTransactionBuilder;
  getExecutor(): { readonly adapter: KyselyAdapter };
}

interface KyselyTransactionBuilder {
  execute(work: (transaction: KyselyExecutor) => Promise<unknown>): Promise<any>;
  setIsolationLevel(level: "read committed"): KyselyTransactionBuilder;
}

interface KyselyAdapter {
  readonly supportsReturning: boolean;
  readonly supportsTransactionalDdl: boolean;
}

export interface KyselyOptions {
  /**
   * Which kind of database it is.
   *
   * @default detected from Kysely's own dialect
   */
  readonly dialect?: SqlDialect;
}

/** A connection over a `Kysely` instance. Its transaction handle is Kysely's `Transaction`. */
export function kysely(db: KyselyDatabase, options: KyselyOptions = {}): SqlConnection<KyselyExecutor> {
  assertFunction(db?.executeQuery, "kysely's instance", "pass what new Kysely({ dialect }) returned");
  assertKnownKeys(options, ["dialect"], "kysely");
  const { dialect = dialectOf(db.getExecutor().adapter) } = options;

  return guarded({
    dialect,
    database: db,
    async query({ text, name }, values, handle) {
      const query = {
        sql: text,
        parameters: values,
        query: { kind: "RawNode", sqlFragments: [text], parameters: [] },
        queryId: { queryId: name ?? "resetkit" },
      };
      const { rows, numAffectedRows } = await (handle ?? db).executeQuery(query);
      return { rows, changes: Number(numAffectedRows ?? 0) };
    },
    transaction(work) {
      const builder = db.transaction();
      // See mysql2 for why.
      return (dialect === "mysql" ? builder.setIsolationLevel("read committed") : builder).execute(work);
    },
  });
}

/** Kysely's adapters expose their capabilities and no dialect name, so infer it. */
function dialectOf(adapter: KyselyAdapter): SqlDialect {
  if (!adapter.supportsReturning) return "mysql";
  return adapter.supportsTransactionalDdl ? "postgres" : "sqlite";
}
