import { migrate, migrationSql } from "../stores/sql.js";
import type { SqlDialect } from "../types.js";
import { need, withConfig } from "./config.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

const dialects: readonly SqlDialect[] = ["sqlite", "postgres", "mysql"];

export const migrateCommand: Command = {
  name: "migrate",
  usage: "[--schema <name>] [--print] [--dialect <name>]",
  summary: "makes or updates the tables",
  help: `Brings the tables of the store up to date. May be run as often as you like, and by several at once.

  resetkit migrate                             on the "connection" of the configuration
  resetkit migrate --schema tenant_a           in that schema instead of the current one; on MySQL, that database
  resetkit migrate --print                     prints the SQL instead, for those who run their own
  resetkit migrate --print --dialect postgres  the same without a configuration; or sqlite, mysql`,
  options: { print: { type: "boolean" }, dialect: { type: "string" }, schema: { type: "string" } },
  async run(call) {
    const { dialect } = call.options;
    if (dialect === undefined) return withConfig(call, (config) => run(call, config));
    if (!call.options["print"] || !dialects.includes(dialect as SqlDialect)) {
      throw new UsageError(`--dialect goes with --print, and is one of ${dialects.join(", ")}.`);
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
      throw new UsageError("--schema is for a SQL store, and the configuration exports its own migrate.");
    }
    await config.migrate();
    return say(call, "The store is up to date.", { applied: [] });
  }
  const applied = await migrate(need(config, "connection"), options);
  const sentence =
    applied.length > 0 ? `Applied: ${applied.join(", ")}.` : "The tables are up to date already.";
  say(call, sentence, { applied });
}

function schemaIn({ options }: Call): string | undefined {
  return options["schema"] as string | undefined;
}
