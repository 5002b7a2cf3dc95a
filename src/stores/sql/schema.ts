/**
 * The tables of the SQL store: numbered migrations, applied once each, whoever comes first.
 *
 * @module
 */
import { assertKnownKeys } from "../../check-options.js";
import type { SqlConnection, SqlDialect, SqlResult, SqlValue } from "../../types.js";
import { dialects, type Dialect } from "./dialects.js";
import { withPlaceholders } from "./statements.js";

export interface SchemaOptions {
  /** Begins the name of every table. Default `"resetkit_"`. */
  readonly prefix?: string;
}

export interface Migration {
  readonly version: number;
  readonly name: string;
  statements(dialect: SqlDialect, prefix: string): string[];
}

/** In the order in which they are applied. A migration that was published is never changed. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    name: "tokens, counters and queue",
    statements: (dialect, prefix) => first(dialects[dialect], prefix),
  },
];

/**
 * Brings the tables up to date, and gives the versions that it applied. Safe to run at every start, and in
 * several processes at once: one migrates, the others wait.
 *
 * The limit: MySQL and MariaDB commit each `create table` by itself, so a migration that is interrupted there
 * is finished by the next run, and never rolled back.
 */
export async function migrate(connection: SqlConnection, options: SchemaOptions = {}): Promise<number[]> {
  const prefix = checkedPrefix(options, "migrate");
  const dialect = dialects[connection.dialect];
  if ((await appliedVersion(connection, prefix)) >= latest) return [];

  const apply = async (handle?: unknown) => {
    const run = runner(connection, handle);
    await run(createMigrations(dialect, prefix), false);
    const since = await appliedVersion(connection, prefix, handle);
    const missing = migrations.filter(({ version }) => version > since);
    for (const migration of missing) {
      for (const text of migration.statements(connection.dialect, prefix)) await run(text, false);
      await run(note(prefix, migration), false);
    }
    return missing.map(({ version }) => version);
  };

  if (!connection.transaction) {
    // Several may get this far at once: every statement but the last bears being run twice.
    return apply().catch(async (error) => {
      if ((await appliedVersion(connection, prefix)) >= latest) return [];
      throw error;
    });
  }
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
  const prefix = checkedPrefix(options, "migrationSql");
  const parts = migrations.flatMap((migration) => [
    `-- ${migration.version}: ${migration.name}`,
    ...migration.statements(dialect, prefix).map((text) => `${text};`),
    `${note(prefix, migration)};`,
  ]);
  return [`${createMigrations(dialects[dialect], prefix)};`, ...parts, ""].join("\n\n");
}

/** The newest version, and so the one that the statements expect. */
export const latest = /* @__PURE__ */ (() => migrations.at(-1)!.version)();

/** The version that the database is at; 0 where there is none of our tables. */
export async function appliedVersion(
  connection: SqlConnection,
  prefix: string,
  handle?: unknown,
): Promise<number> {
  const run = runner(connection, handle);
  const { tableExists } = dialects[connection.dialect];
  if ((await run(tableExists, true, [`${prefix}migrations`])).rows.length === 0) return 0;
  const { rows } = await run(`select max(version) as version from ${prefix}migrations`, true);
  return Number(rows[0]?.version ?? 0);
}

export function checkedPrefix(options: SchemaOptions, where: string): string {
  assertKnownKeys(options, ["prefix"], where);
  const { prefix = "resetkit_" } = options;
  if (typeof prefix === "string" && /^[a-z_][a-z0-9_]{0,30}$/.test(prefix)) return prefix;
  throw new TypeError(
    `prefix is ${JSON.stringify(prefix)}: give a–z, 0–9 and _, at most 31 of them, such as "resetkit_".`,
  );
}

function runner(connection: SqlConnection, handle: unknown) {
  return (text: string, rows: boolean, values: SqlValue[] = []): Promise<SqlResult> =>
    connection.query({ text: withPlaceholders(dialects[connection.dialect], text), rows }, values, handle);
}

function createMigrations(dialect: Dialect, prefix: string): string {
  return table(dialect, `${prefix}migrations`, [
    "version integer not null primary key",
    `name ${dialect.types.text} not null`,
    "applied_at timestamp not null default current_timestamp",
  ]);
}

function note(prefix: string, { version, name }: Migration): string {
  return `insert into ${prefix}migrations (version, name) values (${version}, '${name}')`;
}

function first(dialect: Dialect, prefix: string): string[] {
  const { bytes, name, word, text, blob } = dialect.types;
  const tokens = `${prefix}tokens`;
  const counters = `${prefix}counters`;
  const queue = `${prefix}queue`;
  return [
    ...tableWithIndexes(
      dialect,
      tokens,
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
      counters,
      [`id ${bytes(255)} not null primary key`, "hits bigint not null", "reset_at bigint not null"],
      [{ name: `${counters}_reset_at`, columns: "reset_at" }],
    ),
    ...tableWithIndexes(
      dialect,
      queue,
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
