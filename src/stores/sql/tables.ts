import { assertKnownKeys, UsageError } from "../../check-options.js";
import type { SqlDialect } from "../../ports.js";
import { dialects } from "./dialects.js";

export interface SchemaOptions {
  /** Prefix of every table's name. Default: `"resetkit_"`. */
  readonly prefix?: string | undefined;
  /**
   * The schema that the tables are in, which must exist; on MySQL and MariaDB, the database. SQLite has none. Default:
   * PostgreSQL's `current_schema()`, the first schema of `search_path` that exists; MySQL's current database.
   */
  readonly schema?: string | undefined;
}

/** Where the tables are and what they're called, checked. */
export interface Tables {
  readonly dialect: SqlDialect;
  readonly prefix: string;
  readonly schema: string | undefined;
  /** A table's name as statements write it. */
  named(table: TableName): string;
}

export type TableName = "tokens" | "counters" | "queue" | "migrations";

/** Throws a `TypeError` for names that aren't plain, and for a schema on SQLite. */
export function tablesOf(dialect: SqlDialect, options: SchemaOptions, where: string): Tables {
  assertKnownKeys(options, ["prefix", "schema"], where);
  const { prefix = "resetkit_", schema } = options;
  if (typeof prefix !== "string" || !/^[a-z_][a-z0-9_]{0,30}$/.test(prefix)) {
    throw new UsageError(
      `prefix is ${JSON.stringify(prefix)}. Use at most 31 of a–z, 0–9, and _, such as "resetkit_".`,
    );
  }
  if (schema !== undefined) checkSchema(schema, dialect);
  const inSchema = schema === undefined ? "" : `${dialects[dialect].quoted(schema)}.`;
  return { dialect, prefix, schema, named: (table) => `${inSchema}${prefix}${table}` };
}

/**
 * Statements pass through drivers that look for placeholders in them, so not every name that a server accepts is safe.
 */
function checkSchema(schema: unknown, dialect: SqlDialect): void {
  if (dialect === "sqlite") {
    throw new UsageError(
      `schema is ${JSON.stringify(schema)}, but SQLite has no schemas. Leave it out, and keep tables apart with \`prefix\`.`,
    );
  }
  if (typeof schema === "string" && /^[A-Za-z0-9_-]{1,63}$/.test(schema)) return;
  throw new UsageError(
    `schema is ${JSON.stringify(schema)}. Use 1 to 63 ASCII letters, digits, _ and -, such as "tenant_a".`,
  );
}
