import type { SqlConnection } from "../../ports.js";
import { ownName, type TablePath } from "../../sql/names.js";
import type { Finding } from "../../types.js";
import { large } from "../shared/large.js";
import { createWriter, type Writer } from "./statements.js";

/** A column to look accounts up by, with the option that names it. */
export interface Identifier {
  readonly option: string;
  readonly name: string;
}

/** A table, and the columns that accounts are looked up by. */
export interface LookedUp {
  readonly table: TablePath;
  readonly identifiers: readonly Identifier[];
}

/**
 * Warns of identifiers that the database can't look up by an index. Anyone can request a reset, and each request would read
 * the whole table.
 */
export function findingsOf(connection: SqlConnection, lookedUp: LookedUp): Promise<readonly Finding[]> {
  // A database that doesn't know `explain`, or doesn't allow it, is no reason to report anything.
  return unindexed(connection, lookedUp).catch(() => []);
}

async function unindexed(
  connection: SqlConnection,
  { table, identifiers }: LookedUp,
): Promise<readonly Finding[]> {
  // In a small table, a database may prefer to read all of it.
  if (!(await isLarge(connection, table))) return [];
  const findings: Finding[] = [];
  for (const identifier of identifiers) {
    if (await isScanned(connection, table, identifier)) findings.push(explain(connection, table, identifier));
  }
  return findings;
}

async function isLarge(connection: SqlConnection, table: TablePath): Promise<boolean> {
  const { name } = createWriter(connection.dialect);
  const first = `select 1 from ${name(...table)} limit ${large + 1}`;
  const { rows } = await connection.query(
    { text: `select count(*) as counted from (${first}) as first_rows`, rows: true },
    [],
  );
  return Number(rows[0]?.["counted"]) > large;
}

async function isScanned(
  connection: SqlConnection,
  table: TablePath,
  { name }: Identifier,
): Promise<boolean> {
  const { dialect } = connection;
  const writer = createWriter(dialect);
  const where = writer.isNamed(writer.name(ownName(table), name), "nobody@example.com");
  const explained = dialect === "sqlite" ? "explain query plan" : "explain";
  const text = `${explained} select 1 from ${writer.name(...table)} where ${where}`;
  const { rows } = await connection.query({ text, rows: true }, writer.values);
  return rows.some((row) => scans[dialect].test(Object.values(row).map(String).join(" ")));
}

/** How a plan names a step that reads a whole table. */
const scans = { sqlite: /\bSCAN\b/, postgres: /\bSeq Scan\b/, mysql: /\bALL\b/ } as const;

function explain(connection: SqlConnection, table: TablePath, { option, name }: Identifier): Finding {
  const writer = createWriter(connection.dialect);
  const shown = JSON.stringify(table.join("."));
  const kind = connection.dialect === "mysql" ? "index" : "index that ignores case";
  return {
    level: "warning",
    what: `The table ${shown} has over ${large} rows and no ${kind} on ${option}, ${JSON.stringify(name)}, so each request reads the whole table.`,
    fix: `Run: ${statement(writer, table, name)}.`,
  };
}

/** The statement that creates the index. On PostgreSQL, it locks nothing. */
function statement({ dialect, name }: Writer, table: TablePath, column: string): string {
  const [on, own] = [name(...table), name(column)];
  if (dialect === "postgres") return `create index concurrently on ${on} (lower(${own}::text))`;
  const index = name(`${ownName(table)}_${column}`);
  return `create index ${index} on ${on} (${own}${dialect === "sqlite" ? " collate nocase" : ""})`;
}
