import { migrate, migrationSql } from "../stores/sql.js";
import type { SqlDialect } from "../types.js";
import { need, withConfig } from "./config.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

const dialects: readonly SqlDialect[] = ["sqlite", "postgres", "mysql"];

export const migrateCommand: Command = {
  name: "migrate",
  usage: "[--schema <name>] [--print] [--dialect <name>]",
  summary: "creates or updates the tables",
  help: `Brings the store's tables up to date. Safe to repeat, and in several processes at the same time.

  resetkit migrate                             on the "connection" of the configuration
  resetkit migrate --schema tenant_a           in that schema instead of the current one; on MySQL, that database
  resetkit migrate --print                     prints the SQL instead, for your own migrations
  resetkit migrate --print --dialect postgres  the same without a configuration; or sqlite, mysql`,
  options: { print: { type: "boolean" }, dialect: { type: "string" }, schema: { type: "string" } },
  async run(call) {
    const { dialect } = call.options;
    if (dialect === undefined) return withConfig(call, (config) => run(call, config));
    if (!call.options["print"] || !dialects.includes(dialect as SqlDialect)) {
      throw new UsageError(`--dialect needs --print, and must be one of ${dialects.join(", ")}.`);
    }
    call.terminal.out(migrationSql(dialect as SqlDialect, { schema: schemaIn(call) }));
  },
};

async function run(call: Call, config: Parameters<typeof need>[0]): Promise<void> {
  const options = { prefix: config.prefix, schema: schemaIn(call) ?? config.schema };
  if (call.options["print"]) {
    call.terminal.out(migrationSql(need(config, "connection").dialect, options));
    return;
  }
  if (config.migrate) {
    if (schemaIn(call) !== undefined) {
      throw new UsageError(
        "--schema is for SQL stores, but the configuration exports its own migrate. Leave --schema out.",
      );
    }
    await config.migrate();
    return say(call, "The store is up to date.", { applied: [] });
  }
  const applied = await migrate(need(config, "connection"), options);
  const sentence =
    applied.length > 0 ? `Applied: ${applied.join(", ")}.` : "The tables are already up to date.";
  say(call, sentence, { applied });
}

function schemaIn({ options }: Call): string | undefined {
  return options["schema"] as string | undefined;
}
