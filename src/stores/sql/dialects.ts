/**
 * All differences between SQLite, PostgreSQL, MySQL, and MariaDB that matter to the SQL store.
 *
 * @module
 */
import type { SqlDialect } from "../../ports.js";
import { grammars, type Grammar } from "../../sql/grammar.js";

export interface Dialect extends Grammar {
  readonly types: {
    /** Secrets and keys: compared byte by byte, without a collation. */
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
  /** Adds columns to a table. Can be run twice, or fails with an error that `isExistingColumn` recognizes. */
  addColumns(table: string, columns: readonly string[]): string[];
  /** Whether indexes are declared inside `create table`, since there is no `create index if not exists`. */
  readonly inlineIndexes: boolean;
  /** Ends a `create table`. */
  readonly tableOptions: string;
  /** Ends a unique index of a column that is mostly null. */
  notNull(column: string): string;
  /** Ends an insert that does nothing if a unique key exists. Without it, the insert fails. */
  readonly orNothing: string;
  /** Begins the part of an insert that changes the row that already has the key. */
  onExisting(key: string): string;
  /** In that part, what the insert would have inserted. */
  given(column: string): string;
  /** Whether an update can return rows. */
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

const sqlite: Dialect = {
  ...grammars.sqlite,
  types: { bytes: () => "blob", name: "text", word: "text", key: "text", text: "text", blob: "blob" },
  // SQLite adds only one column per statement.
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
  ...grammars.postgres,
  types: {
    bytes: () => "bytea",
    name: 'text collate "C"',
    word: 'text collate "C"',
    key: 'text collate "C"',
    text: "text",
    blob: "bytea",
  },
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
  // Doesn't use the search path: a tenant's schema without tables would then count as migrated.
  tableExists: (inSchema) =>
    `select 1 as found from pg_catalog.pg_tables where schemaname = ${inSchema ? "?" : "current_schema()"} and tablename = ?`,
  currentSchema: "select current_schema()::text as name",
  serverVersion: "select current_setting('server_version') as version",
  time: "select (extract(epoch from clock_timestamp()) * 1000)::float8 as now",
  lockForMigration: { lock: "select length(pg_advisory_xact_lock(7360451822)::text) + 1 as locked" },
};

const mysql: Dialect = {
  ...grammars.mysql,
  types: {
    bytes: (length) => `varbinary(${length})`,
    // MySQL and MariaDB have no text type in common that distinguishes "ada" from "ada ".
    name: "varbinary(255)",
    word: "varchar(16) character set ascii",
    key: "varchar(64) character set ascii collate ascii_bin",
    text: "text character set utf8mb4",
    blob: "mediumblob",
  },
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

/** The oldest servers that support what the statements use. */
export const oldest = {
  sqlite: { name: "SQLite", version: "3.35" },
  postgres: { name: "PostgreSQL", version: "12" },
  mysql: { name: "MySQL", version: "8.0" },
  mariadb: { name: "MariaDB", version: "10.5" },
} as const;

/** MariaDB names itself in its version, and has `insert … returning`, which MySQL doesn't have. */
export function isMariaDb(version: string): boolean {
  return version.includes("MariaDB");
}
