/**
 * The tables of the SQL store: numbered migrations, each applied once, by the first process that tries.
 *
 * @module
 */
import type { SqlConnection, SqlDialect, SqlResult, SqlValue } from "../../ports.js";
import { isDuplicate, isExistingColumn } from "../../sql/errors.js";
import { dialects, type Dialect } from "./dialects.js";
import { withPlaceholders } from "./statements.js";
import { tablesOf, type SchemaOptions, type Tables } from "./tables.js";

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
    statements: (dialect, prefix, schema) => first(tablesOf(dialect, { prefix, schema }, "migrations")),
  },
  {
    version: 2,
    name: "kind, key and failures in the queue",
    statements: (dialect, prefix, schema) => second(tablesOf(dialect, { prefix, schema }, "migrations")),
  },
];

/**
 * Brings the tables up to date and returns the versions that it applied. Safe to run at every start, and in several
 * processes at once: one migrates, the others wait. Processes of an older version keep working on the migrated tables.
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
      // Without a transaction, several processes may get this far at once: everything bears being run twice.
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
        "Another process has been migrating for a minute: see whether it hangs, and try again.",
      );
    }
    try {
      return await apply(handle);
    } finally {
      if (unlock) await run(unlock, true);
    }
  });
}

/** The SQL that `migrate` runs on an empty database, for people who run their own. */
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
export const latest = /* @__PURE__ */ (() => migrations.at(-1)!.version)();

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
  return table(dialects[dialect], named("migrations"), [
    "version integer not null primary key",
    `name ${dialects[dialect].types.text} not null`,
    "applied_at timestamp not null default current_timestamp",
  ]);
}

function note({ named }: Tables, { version, name }: Migration): string {
  return `insert into ${named("migrations")} (version, name) values (${version}, '${name}')`;
}

function first({ dialect: of, prefix, named }: Tables): string[] {
  const dialect = dialects[of];
  const { bytes, name, word, text, blob } = dialect.types;
  const tokens = `${prefix}tokens`;
  const counters = `${prefix}counters`;
  const queue = `${prefix}queue`;
  return [
    ...tableWithIndexes(
      dialect,
      named("tokens"),
      [
        `lookup ${bytes(16)} not null primary key`,
        `proof ${bytes(32)} not null`,
        `code_lookup ${bytes(16)}`,
        `code_proof ${bytes(32)}`,
        "code_expires_at bigint",
        `scope ${name} not null`,
        `user_id ${name} not null`,
        "slot integer not null",
        "created_at bigint not null",
        "expires_at bigint not null",
        `delivery ${word} not null`,
        "leased_until bigint not null",
        `ip ${text}`,
        `user_agent ${text}`,
      ],
      [
        { name: `${tokens}_slot`, columns: "scope, user_id, slot", unique: true },
        {
          name: `${tokens}_code`,
          columns: "code_lookup",
          unique: true,
          where: dialect.notNull("code_lookup"),
        },
        { name: `${tokens}_expires_at`, columns: "expires_at" },
      ],
    ),
    ...tableWithIndexes(
      dialect,
      named("counters"),
      [`id ${bytes(255)} not null primary key`, "hits bigint not null", "reset_at bigint not null"],
      [{ name: `${counters}_reset_at`, columns: "reset_at" }],
    ),
    ...tableWithIndexes(
      dialect,
      named("queue"),
      [
        `id ${name} not null primary key`,
        `sealed ${blob} not null`,
        "added_at bigint not null",
        "due_at bigint not null",
      ],
      [
        { name: `${queue}_due_at`, columns: "due_at, id" },
        { name: `${queue}_added_at`, columns: "added_at" },
      ],
    ),
  ];
}

/** An entry says what it is for and whose it is, and how often it failed. Version 0.1.0 writes none of it. */
function second({ dialect: of, named }: Tables): string[] {
  const { types, addColumns } = dialects[of];
  return addColumns(named("queue"), [
    `kind ${types.word}`,
    `key_id ${types.key}`,
    "attempts integer not null default 0",
    `failure ${types.text}`,
  ]);
}

interface Index {
  readonly name: string;
  readonly columns: string;
  readonly unique?: boolean;
  readonly where?: string;
}

function tableWithIndexes(dialect: Dialect, name: string, columns: string[], indexes: Index[]): string[] {
  if (dialect.inlineIndexes) {
    const keys = indexes.map((one) => `${one.unique ? "unique " : ""}key ${one.name} (${one.columns})`);
    return [table(dialect, name, [...columns, ...keys])];
  }
  return [
    table(dialect, name, columns),
    ...indexes.map(
      (one) =>
        `create ${one.unique ? "unique " : ""}index if not exists ${one.name} on ${name} (${one.columns})${one.where ?? ""}`,
    ),
  ];
}

function table(dialect: Dialect, name: string, lines: string[]): string {
  return `create table if not exists ${name} (\n  ${lines.join(",\n  ")}\n)${dialect.tableOptions}`;
}
