import { UsageError } from "../../check-options.js";
import type { SqlConnection } from "../../ports.js";
import { ownName, type TablePath } from "../../sql/names.js";
import { createWriter } from "./statements.js";

/** A table and the columns that it must have, each with the option that names it. */
export interface Needed {
  readonly option: string;
  readonly table: TablePath;
  readonly columns: readonly { readonly option: string; readonly name: string }[];
}

/**
 * Rejects with a `TypeError` if a table or a column is missing. The error names the option and lists the columns that
 * exist. Reads no rows.
 */
export async function checkTables(connection: SqlConnection, needed: readonly Needed[]): Promise<void> {
  for (const one of needed) await checkTable(connection, one);
}

async function checkTable(connection: SqlConnection, needed: Needed): Promise<void> {
  const { dialect } = connection;
  const { name } = createWriter(dialect);
  // Qualified with the table: SQLite reads an unknown name in double quotes as a string.
  const columns = needed.columns.map((column) => name(ownName(needed.table), column.name));
  const probe = `select ${columns.join(", ")} from ${name(...needed.table)} where 1 = 0`;
  try {
    await connection.query({ text: probe, rows: true }, []);
  } catch (error) {
    const there = await columnsOf(connection, needed.table);
    if (there.length === 0) throw new UsageError(missingTable(needed), { cause: error });
    // Quoted names are case-sensitive in PostgreSQL, and case-insensitive elsewhere.
    const fold = (text: string) => (dialect === "postgres" ? text : text.toLowerCase());
    const known = new Set(there.map(fold));
    const missing = needed.columns.filter((column) => !known.has(fold(column.name)));
    if (missing.length === 0) throw error;
    const lines = missing.map((column) => missingColumn(column, needed.table.join("."), there));
    throw new UsageError(lines.join("\n"), { cause: error });
  }
}

function missingTable({ option, table }: Needed): string {
  return `${option} is ${JSON.stringify(table.join("."))}, but the database has no such table. Create it, or pass the name of the table that is there${table.length === 1 ? ', with its schema if it has one: "schema.table"' : ""}.`;
}

function missingColumn(
  { option, name }: Needed["columns"][number],
  table: string,
  there: readonly string[],
): string {
  return `${option} is ${JSON.stringify(name)}, but the table ${JSON.stringify(table)} has no such column. Pass one of ${there.join(", ")}.`;
}

/** The columns of a table, or an empty array if it doesn't exist. */
async function columnsOf(connection: SqlConnection, table: TablePath): Promise<string[]> {
  const { dialect } = connection;
  const { value, name, values } = createWriter(dialect);
  const [own, schema] = [ownName(table), table.length > 1 ? table[0] : undefined];
  const texts = {
    sqlite: () => `select name from pragma_table_info(${value(own)})`,
    // Found by the search path, as in the other statements.
    postgres: () =>
      `select attname::text as name from pg_catalog.pg_attribute where attrelid = to_regclass(${value(name(...table))}) and attnum > 0 and not attisdropped order by attnum`,
    mysql: () =>
      `select column_name as name from information_schema.columns where table_schema = ${schema === undefined ? "database()" : value(schema)} and table_name = ${value(own)} order by ordinal_position`,
  };
  const { rows } = await connection.query({ text: texts[dialect](), rows: true }, values);
  return rows.map((row) => String(row.name));
}
