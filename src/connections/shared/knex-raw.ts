import type { SqlResult, SqlStatement } from "../../ports.js";

/** Knex's instance, or one of its transactions. */
interface Runner {
  raw(text: string, values: unknown): PromiseLike<unknown>;
}

/** Runs a statement by `raw` of Knex, which is the only one of its methods that takes SQL as it is. */
export async function runRaw(
  runner: Runner,
  { text, rows }: SqlStatement,
  values: readonly unknown[],
): Promise<SqlResult> {
  // Knex uses `?` as its placeholder. In resetkit's statements, each placeholder occurs once, in order.
  return read(await runner.raw(text.replace(/\$\d+/g, "?"), values), rows);
}

/** Reads PostgreSQL's result, MySQL's pair of result and fields, or SQLite's rows or report. */
function read(result: any, rows: boolean): SqlResult {
  // A client of SQLite may return no rows instead of a report, if the statement is a `create table`.
  const inner = (Array.isArray(result) && !rows ? result[0] : result) ?? {};
  if (!rows) return { rows: [], changes: inner.rowCount ?? inner.affectedRows ?? inner.changes ?? 0 };
  if (!Array.isArray(result)) return { rows: result.rows, changes: 0 };
  return { rows: Array.isArray(result[0]) ? result[0] : result, changes: 0 };
}
