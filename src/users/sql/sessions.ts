import type { SqlConnection } from "../../ports.js";
import type { Run } from "./run.js";
import type { Needed } from "./check.js";
import { createWriter, type Given, type Writer } from "./statements.js";

/** Sessions in a table, which end in the transaction that sets the password. */
export interface SessionsTable {
  readonly table: readonly string[];
  /** The column that says whose session it is. */
  readonly userId: string;
  /** Whether a row is of a user. Default: the column is the id. */
  isOwn?(writer: Writer, column: string, id: Given): string;
}

export function isTable(sessions: unknown): sessions is SessionsTable {
  return typeof sessions === "object" && sessions !== null;
}

export async function deleteSessions(
  { dialect }: SqlConnection,
  run: Run,
  { table, userId, isOwn }: SessionsTable,
  id: Given,
  handle?: unknown,
): Promise<void> {
  const writer = createWriter(dialect);
  const column = writer.name(table.at(-1)!, userId);
  const own = isOwn ? isOwn(writer, column, id) : `${column} = ${writer.value(id)}`;
  await run(writer, `delete from ${writer.name(...table)} where ${own}`, false, handle);
}

export function neededOf(made: string, { table, userId }: SessionsTable): Needed {
  const columns = [{ option: `${made}'s sessions.userId`, name: userId }];
  return { option: `${made}'s sessions.table`, table, columns };
}
