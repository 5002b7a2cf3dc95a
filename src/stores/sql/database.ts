import type { SqlConnection, SqlResult, SqlStatement, SqlValue, Store } from "../../ports.js";
import type { Statements } from "./statements.js";

/** What the parts of the store share. */
export interface Database {
  readonly connection: SqlConnection;
  readonly statements: Statements;
  /** Runs a statement, in the transaction of `handle` if there is one. */
  run(statement: SqlStatement, values: readonly SqlValue[], handle?: unknown): Promise<SqlResult>;
  readonly transaction: Store["transaction"];
  /** Asked once. */
  serverVersion(): Promise<string>;
}
