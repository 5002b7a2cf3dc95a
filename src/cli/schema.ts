import { migrationSql } from "../stores/sql.js";
import { tablesOf } from "../stores/sql/tables.js";
import type { SqlDialect } from "../types.js";
import { dialectNamed, dialectOf } from "./project/dialect.js";
import { readProject, type Project } from "./project/project.js";
import { drizzleSchema } from "./schema/drizzle.js";
import { knexMigration } from "./schema/knex.js";
import type { Language, PrintOptions } from "./schema/options.js";
import { prismaModels } from "./schema/prisma.js";
import { typeormMigration } from "./schema/typeorm.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

const forms = ["drizzle", "prisma", "knex", "typeorm", "sql"] as const;
type Form = (typeof forms)[number];

export const schema: Command = {
  name: "schema",
  usage: "--drizzle | --prisma | --knex | --typeorm | --sql  [pg | mysql | sqlite]",
  summary: "prints the tables in your migration tool's format",
  help: `Prints the store's tables in your migration tool's format, so that the tool can manage them. Needs no configuration.

  resetkit schema --drizzle > src/db/resetkit.ts           a schema for drizzle-kit
  resetkit schema --prisma >> prisma/schema.prisma         models for Prisma
  resetkit schema --knex > migrations/20261129_resetkit.js  a migration for Knex
  resetkit schema --typeorm > src/migrations/resetkit.ts   a migration for TypeORM
  resetkit schema --sql mysql > migrations/resetkit.sql    SQL for any other tool

  --schema <name>    the schema that the tables are in; on MySQL, the database
  --prefix <text>    the beginning of every table's name, as in sqlStore(). Default: resetkit_

The database is detected from drizzle.config.ts, schema.prisma, or your driver. Otherwise, it's PostgreSQL.

After Drizzle or Prisma has created the tables, run "resetkit migrate" once, or call migrate() at start. It records the
version, and adds an index that Prisma can't describe. Both are safe to repeat.`,
  options: {
    ...(Object.fromEntries(forms.map((form) => [form, { type: "boolean" }])) as Record<
      Form,
      { type: "boolean" }
    >),
    schema: { type: "string" },
    prefix: { type: "string" },
  },
  async run(call) {
    const [form, ...others] = forms.filter((one) => call.options[one]);
    if (form === undefined || others.length > 0) {
      throw new UsageError(`schema needs exactly one of ${forms.map((one) => `--${one}`).join(", ")}.`);
    }
    const project = readProject(call.terminal.folder);
    const dialect = dialectIn(call, project);
    const options = {
      prefix: (call.options["prefix"] as string | undefined) ?? "resetkit_",
      schema: call.options["schema"] as string | undefined,
    };
    checkNames(dialect, options);
    const text = printed(form, dialect, languageOf(project), options);
    say(call, text.trimEnd(), { form, dialect, schema: text });
  },
};

function dialectIn({ words }: Call, project: Project): SqlDialect {
  const [named, ...more] = words;
  if (more.length > 0) throw new UsageError("schema takes one database: pg, mysql, or sqlite.");
  if (named === undefined) return dialectOf(project) ?? "postgres";
  const dialect = dialectNamed(named);
  if (dialect) return dialect;
  throw new UsageError(`"${named}" isn't a supported database. Use pg, mysql, or sqlite.`);
}

function checkNames(dialect: SqlDialect, options: PrintOptions): void {
  try {
    tablesOf(dialect, options, "schema");
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function printed(form: Form, dialect: SqlDialect, language: Language, options: PrintOptions): string {
  const about = aboutIt(form);
  switch (form) {
    case "drizzle":
      return `// ${about}\n${drizzleSchema(dialect, options)}`;
    case "prisma":
      return `// ${about}\n${prismaModels(dialect, options)}`;
    case "knex":
      return `// ${about}\n${knexMigration(language, options)}`;
    case "typeorm":
      return `// ${about}\n${typeormMigration(dialect, language, options, Date.now())}`;
    case "sql":
      return `-- ${about}\n\n${migrationSql(dialect, options)}`;
  }
}

function aboutIt(form: Form): string {
  return `resetkit's tables, printed by: npx resetkit schema --${form}`;
}

/** A migration is code, so it's written in the project's language and module format. */
function languageOf({ isTypeScript, modules }: Project): Language {
  return isTypeScript ? "typescript" : modules;
}
