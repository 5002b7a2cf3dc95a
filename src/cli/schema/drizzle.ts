import type { SqlDialect } from "../../types.js";
import type { PrintOptions } from "./options.js";
import {
  camelCase,
  printedTables,
  type PrintedColumn,
  type PrintedIndex,
  type PrintedTable,
} from "./tables.js";

interface Core {
  readonly module: string;
  readonly table: string;
  readonly inSchema: string;
  /** A default in the form that drizzle-kit reads back from the database. */
  expression(sql: string): string;
  /** The code of a column, and the function that it needs to import. */
  column(column: PrintedColumn): { readonly code: string; readonly needs: string };
  /** Types that Drizzle has no function for, by the name of the function to define: the SQL type and the TypeScript type. */
  readonly custom: Readonly<Record<string, readonly [sql: string, data: string]>>;
}

const big = (name: string) => ({ code: `bigint("${name}", { mode: "number" })`, needs: "bigint" });
const plain = (needs: string, name: string) => ({ code: `${needs}("${name}")`, needs });
const sized = (needs: string, name: string, length: number) => ({
  code: `${needs}("${name}", { length: ${length} })`,
  needs,
});

const cores: Readonly<Record<SqlDialect, Core>> = {
  postgres: {
    module: "drizzle-orm/pg-core",
    table: "pgTable",
    inSchema: "pgSchema",
    expression: (sql) => sql.toUpperCase(),
    custom: { bytes: ["bytea", "Uint8Array"] },
    column({ name, type }) {
      if (type === "bytes" || type === "blob") return plain("bytes", name);
      if (type === "bigint") return big(name);
      return plain(type === "integer" || type === "timestamp" ? type : "text", name);
    },
  },
  mysql: {
    module: "drizzle-orm/mysql-core",
    table: "mysqlTable",
    inSchema: "mysqlSchema",
    expression: (sql) => `(${sql.toUpperCase()})`,
    custom: { mediumBlob: ["mediumblob", "Uint8Array"] },
    column({ name, type, length }) {
      if (type === "bytes") return sized("varbinary", name, length);
      if (type === "name") return sized("varbinary", name, 255);
      if (type === "word") return sized("varchar", name, 16);
      if (type === "key") return sized("varchar", name, 64);
      if (type === "blob") return plain("mediumBlob", name);
      if (type === "bigint") return big(name);
      return plain(type === "integer" ? "int" : type, name);
    },
  },
  // Types as drizzle-kit reads them back from SQLite: a push rebuilds every table that differs from the schema.
  sqlite: {
    module: "drizzle-orm/sqlite-core",
    table: "sqliteTable",
    inSchema: "",
    expression: (sql) => `(${sql})`,
    custom: {},
    column({ name, type }) {
      if (type === "bytes" || type === "blob")
        return { code: `blob("${name}", { mode: "buffer" })`, needs: "blob" };
      if (type === "bigint" || type === "integer") return plain("integer", name);
      return plain(type === "timestamp" ? "numeric" : "text", name);
    },
  },
};

/** The tables as a Drizzle schema: a separate file, or part of the one that `drizzle.config.ts` names. */
export function drizzleSchema(dialect: SqlDialect, { prefix, schema }: PrintOptions): string {
  const core = cores[dialect];
  const tables = printedTables(prefix);
  const columns = tables.flatMap((table) => table.columns);
  const indexes = tables.flatMap((table) => table.indexes);
  const used = columns.map((column) => core.column(column).needs);
  const custom = Object.entries(core.custom).filter(([name]) => used.includes(name));
  const imports = new Set([
    ...used.filter((name) => !(name in core.custom)),
    ...(custom.length > 0 ? ["customType"] : []),
    ...indexes.map(functionOf),
    schema === undefined ? core.table : core.inSchema,
  ]);
  const owner = camelCase(`${prefix}schema`);
  return [
    `import { sql } from "drizzle-orm";`,
    `import { ${[...imports].sort((a, b) => a.localeCompare(b)).join(", ")} } from "${core.module}";`,
    "",
    ...custom.map(
      ([name, [type, data]]) =>
        `const ${name} = customType<{ data: ${data} }>({ dataType: () => "${type}" });`,
    ),
    ...(schema === undefined ? [] : [`export const ${owner} = ${core.inSchema}("${schema}");`]),
    ...tables.flatMap((table) => [
      "",
      tableOf(core, dialect, table, schema === undefined ? core.table : `${owner}.table`),
    ]),
    "",
  ].join("\n");
}

function tableOf(
  core: Core,
  dialect: SqlDialect,
  { name, columns, indexes }: PrintedTable,
  make: string,
): string {
  const lines = columns.map((column) => `  ${camelCase(column.name)}: ${columnOf(core, column)},`);
  const head = `export const ${camelCase(name)} = ${make}("${name}", {\n${lines.join("\n")}\n}`;
  if (indexes.length === 0) return `${head});`;
  return `${head}, (table) => [\n${indexes.map((index) => `  ${indexOf(dialect, index)},`).join("\n")}\n]);`;
}

function columnOf(core: Core, column: PrintedColumn): string {
  const { code } = core.column(column);
  const rules = column.isPrimary ? ".primaryKey().notNull()" : column.isNullable ? "" : ".notNull()";
  if (column.default === undefined) return code + rules;
  const value = /^\d+$/.test(column.default) ? column.default : `sql\`${core.expression(column.default)}\``;
  return `${code}${rules}.default(${value})`;
}

function indexOf(dialect: SqlDialect, index: PrintedIndex): string {
  const columns = index.columns.map((name) => `table.${camelCase(name)}`).join(", ");
  const make = `${functionOf(index)}("${index.name}").on(${columns})`;
  // On SQLite, drizzle-kit doesn't read conditions back. Without one, the index enforces the same, since nulls are distinct.
  const isWhole = !index.isPartial || dialect !== "postgres";
  return isWhole ? make : `${make}.where(sql\`${index.columns[0]} is not null\`)`;
}

function functionOf({ isUnique }: PrintedIndex): string {
  return isUnique ? "uniqueIndex" : "index";
}
