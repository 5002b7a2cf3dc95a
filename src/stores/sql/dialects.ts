/**
 * Everything in which SQLite, PostgreSQL, MySQL and MariaDB differ for the SQL store, and nowhere else.
 *
 * @module
 */
import { hex } from "../../crypto/encoding.js";
import type { SqlDialect, SqlValue } from "../../ports.js";

export interface Dialect {
  readonly name: SqlDialect;
  /** The nth placeholder; for bytes it may say how they arrive. */
  placeholder(n: number, isBytes: boolean): string;
  /** A value as the placeholder takes it. */
  value(value: SqlValue): SqlValue;
  readonly types: {
    /** Secrets and keys: compared byte by byte, by no collation. */
    bytes(length: number): string;
    /** Text that is compared byte by byte, at most 255 bytes of UTF-8. */
    readonly name: string;
    /** A word of ASCII, at most 16 letters. */
    readonly word: string;
    /** ASCII that is compared byte by byte, at most 64 letters. */
    readonly key: string;
    readonly text: string;
    readonly blob: string;
  };
  /** A name as an identifier that is taken literally. */
  quoted(name: string): string;
  /** Adds columns to a table. Bears being run twice, or fails with `isExistingColumn`. */
  addColumns(table: string, columns: readonly string[]): string[];
  /** Whether indexes are declared inside `create table`, since there is no `create index if not exists`. */
  readonly inlineIndexes: boolean;
  /** Ends a `create table`. */
  readonly tableOptions: string;
  /** Ends a unique index of a column that is mostly null. */
  notNull(column: string): string;
  /** Ends an insert that does nothing where a unique key exists. Without it the insert fails. */
  readonly orNothing: string;
  /** Begins the part of an insert that changes the row that has the key already. */
  onExisting(key: string): string;
  /** In that part, what the insert would have inserted. */
  given(column: string): string;
  /** Whether an update can give rows back. */
  readonly updateReturns: boolean;
  /** Deletes some rows of many, in order. */
  deleteSome(table: string, key: string, where: string, order: string): string;
  /** One statement that leases the rows of the queue that meet a condition, if there can be one. */
  leaseSome?(table: string, where: string, returning: string): string;
  /** Returns a row if the table exists: of the schema that is given first, or in the current one and no other. */
  tableExists(inSchema: boolean): string;
  /** Returns the schema that tables are created in. */
  readonly currentSchema?: string;
  readonly serverVersion: string;
  /** The server's clock in milliseconds. SQLite has none: it runs in this process. */
  readonly time?: string;
  /** Held until the transaction ends: one process migrates at a time. */
  readonly lockForMigration?: { readonly lock: string; readonly unlock?: string };
}

const deleteByKey: Dialect["deleteSome"] = (table, key, where, order) =>
  `delete from ${table} where ${key} in (select ${key} from ${table} where ${where} order by ${order} limit ?)`;

const inDoubleQuotes = (name: string) => `"${name.replaceAll('"', '""')}"`;

const sqlite: Dialect = {
  name: "sqlite",
  placeholder: () => "?",
  value: (value) => value,
  types: { bytes: () => "blob", name: "text", word: "text", key: "text", text: "text", blob: "blob" },
  quoted: inDoubleQuotes,
  // One at a time is all that SQLite can do.
  addColumns: (table, columns) => columns.map((column) => `alter table ${table} add column ${column}`),
  inlineIndexes: false,
  tableOptions: "",
  notNull: (column) => ` where ${column} is not null`,
  orNothing: " on conflict do nothing",
  onExisting: (key) => `on conflict (${key}) do update set`,
  given: (column) => `excluded.${column}`,
  updateReturns: true,
  deleteSome: deleteByKey,
  tableExists: () => "select 1 as found from sqlite_master where type = 'table' and name = ?",
  serverVersion: "select sqlite_version() as version",
};

const postgres: Dialect = {
  name: "postgres",
  placeholder: (n) => `$${n}`,
  value: (value) => value,
  types: {
    bytes: () => "bytea",
    name: 'text collate "C"',
    word: 'text collate "C"',
    key: 'text collate "C"',
    text: "text",
    blob: "bytea",
  },
  quoted: inDoubleQuotes,
  addColumns: (table, columns) => [
    `alter table ${table} ${columns.map((column) => `add column if not exists ${column}`).join(", ")}`,
  ],
  inlineIndexes: false,
  tableOptions: "",
  notNull: (column) => ` where ${column} is not null`,
  orNothing: " on conflict do nothing",
  onExisting: (key) => `on conflict (${key}) do update set`,
  given: (column) => `excluded.${column}`,
  updateReturns: true,
  deleteSome: deleteByKey,
  leaseSome: (table, where, returning) =>
    `update ${table} as entry set due_at = ? from (select id, due_at as dueat from ${table} where ${where} ` +
    "order by due_at, id limit ? for update skip locked) as due where entry.id = due.id " +
    `returning entry.id, ${returning}, due.dueat`,
  // Not by the search path: a tenant's schema that has no tables yet would be taken for migrated.
  tableExists: (inSchema) =>
    `select 1 as found from pg_catalog.pg_tables where schemaname = ${inSchema ? "?" : "current_schema()"} and tablename = ?`,
  currentSchema: "select current_schema()::text as name",
  serverVersion: "select current_setting('server_version') as version",
  time: "select (extract(epoch from clock_timestamp()) * 1000)::float8 as now",
  lockForMigration: { lock: "select length(pg_advisory_xact_lock(7360451822)::text) + 1 as locked" },
};

// Drivers send a Uint8Array as a string of the connection's character set, if they know it at all.
// Hexadecimal digits survive every driver and both of the server's protocols.
const mysql: Dialect = {
  name: "mysql",
  placeholder: (_, isBytes) => (isBytes ? "unhex(?)" : "?"),
  value: (value) => (value instanceof Uint8Array ? hex(value) : value),
  types: {
    bytes: (length) => `varbinary(${length})`,
    // No text type of both MySQL and MariaDB tells "ada" from "ada ".
    name: "varbinary(255)",
    word: "varchar(16) character set ascii",
    key: "varchar(64) character set ascii collate ascii_bin",
    text: "text character set utf8mb4",
    blob: "mediumblob",
  },
  quoted: (name) => `\`${name.replaceAll("`", "``")}\``,
  // In one statement, which adds all of them or none.
  addColumns: (table, columns) => [
    `alter table ${table} ${columns.map((column) => `add column ${column}`).join(", ")}`,
  ],
  inlineIndexes: true,
  tableOptions: " engine = InnoDB",
  notNull: () => "",
  orNothing: "",
  onExisting: () => "on duplicate key update",
  given: (column) => `values(${column})`,
  updateReturns: false,
  deleteSome: (table, _, where, order) => `delete from ${table} where ${where} order by ${order} limit ?`,
  tableExists: (inSchema) =>
    `select 1 as found from information_schema.tables where table_schema = ${inSchema ? "?" : "database()"} and table_name = ?`,
  serverVersion: "select version() as version",
  time: "select unix_timestamp(now(3)) * 1000 as now",
  lockForMigration: {
    lock: "select get_lock('resetkit migration', 60) as locked",
    unlock: "select release_lock('resetkit migration')",
  },
};

export const dialects: Readonly<Record<SqlDialect, Dialect>> = { sqlite, postgres, mysql };

/** The oldest server that has what the statements use. */
export const oldest = {
  sqlite: { name: "SQLite", version: "3.35" },
  postgres: { name: "PostgreSQL", version: "12" },
  mysql: { name: "MySQL", version: "8.0" },
  mariadb: { name: "MariaDB", version: "10.5" },
} as const;

/** MariaDB says who it is in its version, and has `insert … returning`, which MySQL has not. */
export function isMariaDb(version: string): boolean {
  return version.includes("MariaDB");
}

// An error wears its code on itself, or on the driver's error that an ORM wrapped; as text, or as a number.
const transient = new Set([
  "40001", // PostgreSQL: serialization failure
  "40P01", // PostgreSQL: deadlock
  "SQLITE_BUSY",
  "SQLITE_BUSY_SNAPSHOT",
  "SQLITE_BUSY_RECOVERY",
  "5", // SQLITE_BUSY in node:sqlite, with its extended forms
  "261",
  "517",
  "1213", // MySQL: deadlock
  "1205", // MySQL: lock wait timeout
  "1020", // MariaDB: the row has changed since the snapshot
  "P2034", // Prisma: write conflict or deadlock
]);

const duplicate = new Set([
  "23505", // PostgreSQL
  "1062", // MySQL
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
  "2067", // the same two in node:sqlite
  "1555",
  "P2002", // Prisma
]);

/** Whether the database gave up for a reason that passes: the same again may succeed. */
export function isTransient(error: unknown): boolean {
  return codesOf(error).some((code) => transient.has(code));
}

/** Whether a unique key exists already. */
export function isDuplicate(error: unknown): boolean {
  return (
    codesOf(error).some((code) => duplicate.has(code)) || /UNIQUE constraint failed/.test(messageOf(error))
  );
}

/** Whether a column that was to be added is there already. PostgreSQL has a phrase of its own for it. */
export function isExistingColumn(error: unknown): boolean {
  return codesOf(error).includes("1060") || /duplicate column name/i.test(messageOf(error));
}

function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 4) return [];
  const { code, errno, errcode, originalCode, cause, driverError, meta, driverAdapterError } =
    error as Record<string, unknown>;
  const inner = [cause, driverError, meta, driverAdapterError];
  return [
    ...[code, errno, errcode, originalCode].map(String),
    ...inner.flatMap((one) => codesOf(one, depth + 1)),
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
