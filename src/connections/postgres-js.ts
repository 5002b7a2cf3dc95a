import { assertFunction, assertKnownKeys } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { guarded } from "./shared/guarded.js";
import { preparedUnless } from "./shared/prepared.js";

export interface PostgresJsSql {
  unsafe(text: string, values?: unknown[], options?: { prepare?: boolean }): PromiseLike<PostgresJsRows>;
}

export interface PostgresJsClient extends PostgresJsSql {
  begin(work: (sql: PostgresJsSql) => unknown): Promise<any>;
}

export interface PostgresJsRows extends Array<any> {
  readonly count: number;
}

export interface PostgresJsOptions {
  /**
   * Prepares statements once per session. Pass false behind a pooler that doesn't keep them: see `PgOptions`.
   *
   * @default true
   */
  readonly prepare?: boolean;
}

/**
 * A connection over the client that `postgres(url)` of postgres.js returns. Its transaction handle is the `sql` that
 * `begin` passes to its callback.
 */
export function postgresJs(
  client: PostgresJsClient,
  options: PostgresJsOptions = {},
): SqlConnection<PostgresJsSql> {
  assertFunction(client?.unsafe, "postgresJs's client", "pass what postgres(url) returned");
  assertFunction(client.begin, "postgresJs's client", "pass what postgres(url) returned");
  assertKnownKeys(options, ["prepare"], "postgresJs");
  const prepared = preparedUnless(options.prepare === false, "postgresJs(sql, { prepare: false })");

  return guarded<PostgresJsSql>({
    dialect: "postgres",
    database: client,
    async query({ text, name }, values, handle) {
      const send = () =>
        (handle ?? client).unsafe(text, [...values], { prepare: prepared.isOn && name !== undefined });
      const rows = await prepared.run(send, handle !== undefined);
      return { rows: [...rows], changes: rows.count };
    },
    transaction: (work) => client.begin((handle) => work(handle)),
  });
}
