import { assertFunction, UsageError } from "../check-options.js";
import type { SqlConnection, SqlDialect } from "../ports.js";
import { guarded } from "./shared/guarded.js";
import { runRaw } from "./shared/knex-raw.js";

export interface KnexRunner {
  raw(text: string, values: unknown): PromiseLike<any>;
}

export interface KnexClient extends KnexRunner {
  transaction(work: (transaction: KnexRunner) => Promise<unknown>, config?: unknown): Promise<any>;
  readonly client: { readonly config: { readonly client?: unknown } };
}

const dialects: Readonly<Record<string, SqlDialect>> = {
  pg: "postgres",
  postgres: "postgres",
  postgresql: "postgres",
  mysql2: "mysql",
  "better-sqlite3": "sqlite",
};

/** A connection over Knex on `pg`, `mysql2`, or `better-sqlite3`. Its transaction handle is Knex's `trx`. */
export function knex(db: KnexClient): SqlConnection<KnexRunner> {
  assertFunction(db?.raw, "knex's instance", "pass what knex({ client, connection }) returned");
  const dialect = dialects[String(db.client.config.client)];
  if (!dialect) {
    throw new UsageError(
      `knex runs on ${String(db.client.config.client)}, which doesn't report how many rows a raw statement changed. Use pg, mysql2, or better-sqlite3.`,
    );
  }

  return guarded<KnexRunner>({
    dialect,
    database: db,
    query: (statement, values, handle) => runRaw(handle ?? db, statement, values),
    // See mysql2 for why.
    transaction: (work) =>
      db.transaction(work, dialect === "mysql" ? { isolationLevel: "read committed" } : {}),
  });
}
