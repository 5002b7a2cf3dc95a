import { assertFunction, UsageError } from "../check-options.js";
import type { SqlConnection, SqlResult } from "../ports.js";
import { guarded } from "./shared/guarded.js";
import { readCommitted } from "./shared/read-committed.js";

export interface MariadbPool {
  getConnection(): Promise<MariadbConnection>;
  query(text: string, values?: unknown): Promise<unknown>;
  execute(text: string, values?: unknown): Promise<unknown>;
}

export interface MariadbConnection {
  query(text: string, values?: unknown): Promise<unknown>;
  execute(text: string, values?: unknown): Promise<unknown>;
  release(): unknown;
  destroy(): unknown;
}

const fix = "pass what createPool(options) of mariadb returned";

/**
 * A connection over a pool of the `mariadb` driver, for MariaDB and MySQL. Its transaction handle is the driver's
 * `PoolConnection`.
 *
 * Its transactions are READ COMMITTED. The default level of both servers also locks the gaps between rows, so resets of
 * different accounts would wait for each other.
 *
 * @throws {TypeError} If `pool` isn't a pool of the driver's promise API. A query throws it if the pool has
 * `rowsAsArray: true`, since its rows then have no names.
 * @example
 * ```ts
 * const connection = mariadb(createPool({ host: "127.0.0.1", database: "app", user: "app" }));
 * ```
 */
export function mariadb(pool: MariadbPool): SqlConnection<MariadbConnection> {
  assertFunction(pool?.getConnection, "mariadb's pool", fix);
  assertFunction(pool.execute, "mariadb's pool", fix);

  return guarded<MariadbConnection>({
    dialect: "mysql",
    database: pool,
    async query({ text, rows, name }, values, handle) {
      const client = handle ?? pool;
      // A statement that runs once shouldn't take up one of the session's prepared statements.
      const result = await (name === undefined ? client.query(text, values) : client.execute(text, values));
      if (!rows)
        return { rows: [], changes: Number((result as { readonly affectedRows: unknown }).affectedRows) };
      const records = result as SqlResult["rows"];
      if (Array.isArray(records[0])) {
        throw new UsageError(
          "mariadb's pool has rowsAsArray: true, so its rows have no names and no rate limit would hold. Pass a pool without it.",
        );
      }
      return { rows: [...records], changes: 0 };
    },
    transaction: async (work) => readCommitted(await pool.getConnection(), work),
  });
}
