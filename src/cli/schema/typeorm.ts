import { migrationSql } from "../../stores/sql/schema.js";
import type { SqlDialect } from "../../types.js";
import type { Language, PrintOptions } from "./options.js";
import { pascalCase, printedTables } from "./tables.js";

/**
 * The tables as a TypeORM migration. TypeORM leaves tables without an entity alone.
 *
 * `at` is in milliseconds: TypeORM runs migrations in the order of the timestamps in their names.
 */
export function typeormMigration(
  dialect: SqlDialect,
  language: Language,
  { prefix, schema }: PrintOptions,
  at: number,
): string {
  const isTyped = language === "typescript";
  const name = `${pascalCase(`${prefix}tables`)}${at}`;
  const method = (verb: string) =>
    isTyped ? `async ${verb}(queryRunner: QueryRunner): Promise<void> {` : `async ${verb}(queryRunner) {`;
  const run = (text: string) => `    await queryRunner.query(\`${escaped(text)}\`);`;
  return [
    ...(isTyped ? [`import type { MigrationInterface, QueryRunner } from "typeorm";`, ""] : []),
    `${language === "commonjs" ? `exports.${name} = class` : "export class"} ${name}${isTyped ? " implements MigrationInterface" : ""} {`,
    `  name = "${name}";`,
    "",
    `  ${method("up")}`,
    ...statementsOf(migrationSql(dialect, { prefix, schema })).map(run),
    "  }",
    "",
    `  ${method("down")}`,
    ...printedTables(prefix).map((table) => run(`drop table ${qualified(dialect, schema)}${table.name}`)),
    "  }",
    language === "commonjs" ? "};" : "}",
    "",
  ].join("\n");
}

/** The statements, without the comments between them. */
function statementsOf(sql: string): string[] {
  return sql
    .split("\n\n")
    .map((part) => part.trim().replace(/;$/, ""))
    .filter((part) => part !== "" && !part.startsWith("--"));
}

function qualified(dialect: SqlDialect, schema: string | undefined): string {
  if (schema === undefined) return "";
  return dialect === "mysql" ? `\`${schema}\`.` : `"${schema}".`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
}
