import type { TablePath } from "../../sql/names.js";
import type { Needed } from "./check.js";
import type { Given, Writer } from "./statements.js";

/** Sessions in a table, revoked in the transaction that sets the password. */
export interface SessionsTable {
  readonly table: TablePath;
  /** The column that identifies the session's user. */
  readonly userId: string;
  /** The SQL condition for a user's sessions. Default: the column equals the ID. */
  isOwn?(writer: Writer, column: string, id: Given): string;
}

export function isTable(sessions: unknown): sessions is SessionsTable {
  return typeof sessions === "object" && sessions !== null;
}

export function neededOf(made: string, { table, userId }: SessionsTable): Needed {
  const columns = [{ option: `${made}'s sessions.userId`, name: userId }];
  return { option: `${made}'s sessions.table`, table, columns };
}
