/**
 * The tables of the SQL store: numbered migrations, each applied once, by the first process that tries.
 *
 * @module
 */
import type { SqlConnection, SqlDialect, SqlResult, SqlValue } from "../../ports.js";
import { isDuplicate, isExistingColumn } from "../../sql/errors.js";
import { dialects, type Dialect } from "./dialects.js";
import { migrationsShape, shapes, type IndexShape, type TableShape } from "./shape.js";
import { withPlaceholders } from "./statements.js";
import { tablesOf, type SchemaOptions, type TableName, type Tables } from "./tables.js";

export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(dialect: SqlDialect, prefix: string, schema?: string): string[];
}

/** In the order in which they are applied. A migration that was published is never changed. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: "tokens, counters and queue",
    statements: (dialect, prefix, schema) =>
      changesOf(tablesOf(dialect, { prefix, schema }, "migrations"), 1),
  },
  {
    version: 2,
    name: "kind, key and failures in the queue",
    statements: (dialect, prefix, schema) =>
      changesOf(tablesOf(dialect, { prefix, schema }, "migrations"), 2),
  },
];

/**
 * Brings the tables up to date and returns the versions that it applied. Safe to run at every start, and in several
 * processes concurrently: one migrates, the others wait. Processes of an older version keep working on the migrated
 * tables.
 *
 * MySQL and MariaDB commit each `create table` and `alter table` by itself, so a migration that is interrupted there is
 * finished by the next run, and never rolled back.
 */
export async function migrate(connection: SqlConnection, options: SchemaOptions = {}): Promise<number[]> {
  const tables = tablesOf(connection.dialect, options, "migrate");
  const dialect = dialects[connection.dialect];
  if ((await appliedVersion(connection, tables)) >= latest) return [];

  const apply = async (handle?: unknown) => {
    const run = runner(connection, handle);
    await run(createMigrations(tables), false);
    const since = await appliedVersion(connection, tables, handle);
    const applied: number[] = [];
    for (const migration of migrations.filter(({ version }) => version > since)) {
      // Without a transaction, several processes may get this far at once: everything can be run twice.
      for (const text of statementsOf(migration, tables)) await unless(isExistingColumn, run(text, false));
      const isFirst = await unless(isDuplicate, run(note(tables, migration), false));
      if (isFirst) applied.push(migration.version);
    }
    return applied;
  };

  if (!connection.transaction) return apply();
  return connection.transaction(async (handle) => {
    const { lock, unlock } = dialect.lockForMigration ?? {};
    const run = runner(connection, handle);
    if (lock && Number((await run(lock, true)).rows[0]?.locked) === 0) {
      throw new Error(
        "Another process has been migrating for a minute. Check whether it hangs, and try again.",
      );
    }
    try {
      return await apply(handle);
    } finally {
      if (unlock) await run(unlock, true);
    }
  });
}

/** The SQL that `migrate` runs on an empty database, for people who run their own migrations. */
export function migrationSql(dialect: SqlDialect, options: SchemaOptions = {}): string {
  const tables = tablesOf(dialect, options, "migrationSql");
  const parts = migrations.flatMap((migration) => [
    `-- ${migration.version}: ${migration.name}`,
    ...statementsOf(migration, tables).map((text) => `${text};`),
    `${note(tables, migration)};`,
  ]);
  return [`${createMigrations(tables)};`, ...parts, ""].join("\n\n");
}

/** The newest version, and so the one that the statements expect. */
export const latest = /* @__PURE__ */ (() => Math.max(...migrations.map(({ version }) => version)))();

/** The version that the database is at; 0 if there are no tables of the store. */
export async function appliedVersion(
  connection: SqlConnection,
  { prefix, schema, named }: Tables,
  handle?: unknown,
): Promise<number> {
  const run = runner(connection, handle);
  const exists = dialects[connection.dialect].tableExists(schema !== undefined);
  const name = `${prefix}migrations`;
  const found = await run(exists, true, schema === undefined ? [name] : [schema, name]);
  if (found.rows.length === 0) return 0;
  const { rows } = await run(`select max(version) as version from ${named("migrations")}`, true);
  return Number(rows[0]?.version ?? 0);
}

/** Waits for a statement; false if it failed for this reason. */
async function unless(isReason: (error: unknown) => boolean, running: Promise<unknown>): Promise<boolean> {
  try {
    await running;
    return true;
  } catch (error) {
    if (isReason(error)) return false;
    throw error;
  }
}

function statementsOf({ statements }: Migration, { dialect, prefix, schema }: Tables): string[] {
  return statements(dialect, prefix, schema);
}

function runner(connection: SqlConnection, handle: unknown) {
  return (text: string, rows: boolean, values: SqlValue[] = []): Promise<SqlResult> =>
    connection.query({ text: withPlaceholders(dialects[connection.dialect], text), rows }, values, handle);
}

function createMigrations({ dialect, named }: Tables): string {
  return table(
    dialects[dialect],
    named("migrations"),
    linesOf(dialects[dialect], migrationsShape.columns[0]),
  );
}

function note({ named }: Tables, { version, name }: Migration): string {
  return `insert into ${named("migrations")} (version, name) values (${version}, '${name}')`;
}

/** What a migration does: creates the tables that its version has first, and adds columns to the others. */
function changesOf({ dialect: of, prefix, named }: Tables, version: number): string[] {
  const dialect = dialects[of];
  return (Object.entries(shapes) as [TableName, TableShape][]).flatMap(([name, { columns, indexes }]) => {
    if (!columns[version]) return [];
    const lines = linesOf(dialect, columns[version]);
    if (version > 1) return dialect.addColumns(named(name), lines);
    return tableWithIndexes(dialect, named(name), `${prefix}${name}`, lines, indexes);
  });
}

function linesOf(dialect: Dialect, columns: Readonly<Record<string, string>>): string[] {
  return Object.entries(columns).map(([name, definition]) => `${name} ${withType(dialect, definition)}`);
}

/** Replaces the shape's word for a type with the database's type. */
function withType({ types }: Dialect, definition: string): string {
  return definition.replace(/^(\w+)(?:\((\d+)\))?/, (sql, word: string, length: string) =>
    word === "bytes" ? types.bytes(Number(length)) : (types[word as "name"] ?? sql),
  );
}

function tableWithIndexes(
  dialect: Dialect,
  named: string,
  name: string,
  columns: string[],
  indexes: readonly IndexShape[],
): string[] {
  const kindOf = ({ isUnique }: IndexShape) => (isUnique ? "unique " : "");
  const listOf = (index: IndexShape) => `(${index.columns.join(", ")})`;
  if (dialect.inlineIndexes) {
    const keys = indexes.map((one) => `${kindOf(one)}key ${name}_${one.name} ${listOf(one)}`);
    return [table(dialect, named, [...columns, ...keys])];
  }
  return [
    table(dialect, named, columns),
    ...indexes.map(
      (one) =>
        `create ${kindOf(one)}index if not exists ${name}_${one.name} on ${named} ${listOf(one)}` +
        (one.isPartial ? dialect.notNull(one.columns[0]) : ""),
    ),
  ];
}

function table(dialect: Dialect, name: string, lines: string[]): string {
  return `create table if not exists ${name} (\n  ${lines.join(",\n  ")}\n)${dialect.tableOptions}`;
}
