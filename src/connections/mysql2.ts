import { assertFunction, UsageError } from "../check-options.js";
import type { SqlConnection, SqlResult } from "../ports.js";
import { guarded } from "./shared/guarded.js";
import { readCommitted } from "./shared/read-committed.js";

export interface Mysql2Pool {
  getConnection(): Promise<Mysql2Connection>;
  execute(text: string, values?: unknown): Promise<[unknown, unknown]>;
  query(text: string, values?: unknown): Promise<[unknown, unknown]>;
}

export interface Mysql2Connection {
  execute(text: string, values?: unknown): Promise<[unknown, unknown]>;
  query(text: string, values?: unknown): Promise<[unknown, unknown]>;
  release(): void;
  destroy(): void;
}

/**
 * A connection over a pool of mysql2, for MySQL and MariaDB. Its transaction handle is the `PoolConnection` of the promise
 * API.
 *
 * Its transactions are READ COMMITTED. The default level of both servers also locks the gaps between rows, so resets of
 * different accounts would wait for each other.
 */
export function mysql2(pool: Mysql2Pool | { promise(): Mysql2Pool }): SqlConnection<Mysql2Connection> {
  const promised = hasPromises(pool) ? pool : pool?.promise?.();
  assertFunction(promised?.getConnection, "mysql2's pool", "pass what createPool(uri) of mysql2 returned");
  assertFunction(promised.execute, "mysql2's pool", "pass what createPool(uri) of mysql2 returned");

  if (configOf(pool)?.["rowsAsArray"]) {
    throw new UsageError(
      "mysql2's pool has rowsAsArray: true, so its rows have no names and no rate limit would hold. Pass a pool without it.",
    );
  }

  return guarded<Mysql2Connection>({
    dialect: "mysql",
    database: pool,
    async query({ text, rows, name }, values, handle) {
      const client = handle ?? promised;
      // A statement that runs once shouldn't take up one of the session's prepared statements.
      const [result] = await (name === undefined ? client.query(text, values) : client.execute(text, values));
      if (rows) return { rows: result as SqlResult["rows"], changes: 0 };
      return { rows: [], changes: (result as { readonly affectedRows: number }).affectedRows };
    },
    transaction: async (work) => readCommitted(await promised.getConnection(), work),
  });
}

/** The options of the pool's connections, where mysql2 keeps them. */
function configOf(pool: object): Readonly<Record<string, unknown>> | undefined {
  const { pool: inner, config } = pool as { pool?: object; config?: { connectionConfig?: object } };
  return (config?.connectionConfig ?? (inner && configOf(inner))) as
    Readonly<Record<string, unknown>> | undefined;
}

function hasPromises(pool: object): pool is Mysql2Pool {
  return typeof (pool as { promise?: unknown } | undefined)?.promise !== "function";
}
