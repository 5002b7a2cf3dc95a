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
  summary: "prints the tables in the form of your migration tool",
  help: `Prints the store's tables as your migration tool writes tables, so that it keeps them. Needs no configuration.

  resetkit schema --drizzle > src/db/resetkit.ts           a schema for drizzle-kit
  resetkit schema --prisma >> prisma/schema.prisma         models for Prisma
  resetkit schema --knex > migrations/20261129_resetkit.js  a migration for Knex
  resetkit schema --typeorm > src/migrations/resetkit.ts   a migration for TypeORM
  resetkit schema --sql mysql > migrations/resetkit.sql    SQL for any other tool

  --schema <name>    the schema that the tables are in; on MySQL, the database
  --prefix <text>    begins the name of every table, as in sqlStore(). Default: resetkit_

The database is the one that drizzle.config.ts, schema.prisma, or your driver names; otherwise PostgreSQL.

After the tables of Drizzle and Prisma are there, run "resetkit migrate" once, or call migrate() at start: it records the version,
and adds an index that Prisma can't describe. Both are safe to repeat.`,
  options: {
    ...(Object.fromEntries(forms.map((form) => [form, { type: "boolean" }])) as Record<
      Form,
      { type: "boolean" }
    >),
    schema: { type: "string" },
    prefix: { type: "string" },
  },
  async run(call) {
    const chosen = forms.filter((form) => call.options[form]);
    if (chosen.length !== 1) {
      throw new UsageError(`schema takes one of ${forms.map((form) => `--${form}`).join(", ")}.`);
    }
    const project = readProject(call.terminal.folder);
    const dialect = dialectIn(call, project);
    const options = {
      prefix: (call.options["prefix"] as string | undefined) ?? "resetkit_",
      schema: call.options["schema"] as string | undefined,
    };
    checkNames(dialect, options);
    const text = printed(chosen[0]!, dialect, languageOf(project), options);
    say(call, text.trimEnd(), { form: chosen[0], dialect, schema: text });
  },
};

function dialectIn({ words }: Call, project: Project): SqlDialect {
  const [named, ...more] = words;
  if (more.length > 0) throw new UsageError("schema takes one database: pg, mysql, or sqlite.");
  if (named === undefined) return dialectOf(project) ?? "postgres";
  const dialect = dialectNamed(named);
  if (dialect) return dialect;
  throw new UsageError(`"${named}" isn't a database that resetkit knows. Use pg, mysql, or sqlite.`);
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
  return `The tables of resetkit, printed by: npx resetkit schema --${form}`;
}

/** A migration is a program, so it's written as the project's other files are. */
function languageOf({ isTypeScript, modules }: Project): Language {
  return isTypeScript ? "typescript" : modules;
}
