import { assertFunction, assertKnownKeys } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { guarded } from "./shared/guarded.js";

export interface PostgresJsSql {
  unsafe(text: string, values?: any[], options?: { prepare?: boolean }): PromiseLike<PostgresJsRows>;
}

export interface PostgresJsClient extends PostgresJsSql {
  begin(work: (sql: any) => any): Promise<any>;
}

export interface PostgresJsRows extends Array<any> {
  readonly count: number;
}

export interface PostgresJsOptions {
  /** Prepares statements once per session. Default true; false behind a PgBouncer older than 1.21. */
  readonly prepare?: boolean;
}

/**
 * A connection over postgres.js, as `postgres(url)` makes it. The handle of its transactions is the `sql`
 * that `begin` gives.
 */
export function postgresJs(
  client: PostgresJsClient,
  options: PostgresJsOptions = {},
): SqlConnection<PostgresJsSql> {
  assertFunction(client?.unsafe, "postgresJs's client", "pass what postgres(url) returned");
  assertFunction(client.begin, "postgresJs's client", "pass what postgres(url) returned");
  assertKnownKeys(options, ["prepare"], "postgresJs");
  const { prepare = true } = options;

  return guarded<PostgresJsSql>({
    dialect: "postgres",
    database: client,
    async query({ text, name }, values, handle) {
      const prepared = prepare && name !== undefined;
      const rows = await (handle ?? client).unsafe(text, values as any[], { prepare: prepared });
      return { rows: [...rows], changes: rows.count };
    },
    transaction: (work) => client.begin((handle) => work(handle)),
  });
}
