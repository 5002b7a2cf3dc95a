import { dialects } from "../../stores/sql/dialects.js";
import { migrations } from "../../stores/sql/schema.js";
import type { SqlDialect } from "../../types.js";
import type { Language, PrintOptions } from "./options.js";
import { printedTables, type PrintedColumn, type PrintedIndex } from "./tables.js";

/** Knex's names of the databases, in `knex.client.dialect`. */
const clients: Readonly<Record<SqlDialect, string>> = {
  postgres: "postgresql",
  mysql: "mysql",
  sqlite: "sqlite3",
};

const words = ["name", "word", "key", "text", "blob"] as const;

/** The tables as a Knex migration, which runs on all of the databases. */
export function knexMigration(language: Language, { prefix, schema }: PrintOptions): string {
  const tables = printedTables(prefix);
  const isTyped = language === "typescript";
  const inSchema = schema === undefined ? "" : `.withSchema("${schema}")`;
  const insert = schema === undefined ? "knex" : `knex${inSchema}.into`;
  return [
    ...(isTyped ? [`import type { Knex } from "knex";`, ""] : []),
    `const types${isTyped ? ": Record<string, Record<string, string>>" : ""} = {`,
    ...Object.entries(clients).map(([dialect, client]) => `  ${client}: ${typesOf(dialect as SqlDialect)},`),
    "};",
    "",
    ...functionOf(language, "up", [
      `const type = types[knex.client.dialect]${isTyped ? "!" : ""};`,
      ...tables.flatMap(({ name, columns, indexes }) => [
        `await knex.schema${inSchema}.createTable("${name}", (table) => {`,
        ...columns.map((column) => `  ${columnOf(column)};`),
        ...indexes.map((index) => `  ${indexOf(index)};`),
        "});",
      ]),
      `await ${insert}("${prefix}migrations").insert([`,
      ...migrations.map(({ version, name }) => `  { version: ${version}, name: "${name}" },`),
      "]);",
    ]),
    "",
    ...functionOf(
      language,
      "down",
      tables.map(({ name }) => `await knex.schema${inSchema}.dropTable("${name}");`),
    ),
    "",
  ].join("\n");
}

function functionOf(language: Language, name: string, body: readonly string[]): string[] {
  const forms: Readonly<Record<Language, readonly [head: string, end: string]>> = {
    typescript: [`export async function ${name}(knex: Knex): Promise<void> {`, "}"],
    esm: [`export async function ${name}(knex) {`, "}"],
    commonjs: [`exports.${name} = async function ${name}(knex) {`, "};"],
  };
  const [head, end] = forms[language];
  return [head, ...body.map((line) => `  ${line}`), end];
}

function typesOf(dialect: SqlDialect): string {
  const { types } = dialects[dialect];
  const lengths = [16, 32, 255].map((length) => `bytes${length}: ${quoted(types.bytes(length))}`);
  return `{ ${[...lengths, ...words.map((word) => `${word}: ${quoted(types[word])}`)].join(", ")} }`;
}

function columnOf({ name, type, length, isPrimary, isNullable, default: value }: PrintedColumn): string {
  const isOurs = type === "bytes" || (words as readonly string[]).includes(type);
  const sql = isOurs ? `type.${type}${length || ""}` : `"${type}"`;
  const rules = [
    isNullable ? ".nullable()" : ".notNullable()",
    isPrimary ? ".primary()" : "",
    value === undefined ? "" : `.defaultTo(${/^\d+$/.test(value) ? value : `knex.raw("${value}")`})`,
  ];
  return `table.specificType("${name}", ${sql})${rules.join("")}`;
}

function indexOf({ name, columns, isUnique, isPartial }: PrintedIndex): string {
  const list = `[${columns.map((column) => `"${column}"`).join(", ")}]`;
  if (!isUnique) return `table.index(${list}, "${name}")`;
  const predicate = isPartial ? `, predicate: knex.whereNotNull("${columns[0]}")` : "";
  return `table.unique(${list}, { indexName: "${name}", useConstraint: false${predicate} })`;
}

function quoted(text: string): string {
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
