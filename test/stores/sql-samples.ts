import Sqlite from "better-sqlite3";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { migrate } from "resetkit/stores/sql";
import type { SqlConnection } from "resetkit/types";

export { row, rule, start } from "../../src/testing/store/samples.js";

/** A connection to migrated tables; by default to a new SQLite in memory. */
export async function migrated(
  connection: SqlConnection = betterSqlite3(new Sqlite(":memory:")),
  prefix?: string,
): Promise<SqlConnection> {
  await migrate(connection, prefix === undefined ? {} : { prefix });
  return connection;
}
