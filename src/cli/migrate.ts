import { describeError } from "../runtime/log.js";
import { migrate, migrationSql, type SchemaOptions } from "../stores/sql.js";
import type { SqlDialect } from "../types.js";
import { need, withConfig, type Config } from "./config.js";
import { openByUrl } from "./databases.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

const dialects: readonly SqlDialect[] = ["sqlite", "postgres", "mysql"];

export const migrateCommand: Command = {
  name: "migrate",
  usage: "[--url <url>] [--schema <name>] [--prefix <prefix>] [--print] [--dialect <name>]",
  summary: "creates or updates the tables",
  help: `Brings the store's tables up to date. Safe to repeat, and to run in several processes at the same time.

  resetkit migrate                             on the "connection" of the configuration
  resetkit migrate --schema tenant_a           in that schema instead of the current one; on MySQL, that database
  resetkit migrate --url "$DATABASE_URL"       without a configuration: postgres://…, mysql://…, or file:app.db
  resetkit migrate --prefix auth_              with a prefix other than resetkit_
  resetkit migrate --print                     prints the SQL instead, for your own migrations
  resetkit migrate --print --dialect postgres  the same without a configuration; or sqlite, mysql`,
  options: {
    url: { type: "string" },
    schema: { type: "string" },
    prefix: { type: "string" },
    print: { type: "boolean" },
    dialect: { type: "string" },
  },
  async run(call) {
    const { dialect, url } = call.options;
    if (typeof url === "string") return runOn(url, call);
    if (dialect === undefined) return withConfig(call, (config) => run(call, config));
    if (!call.options["print"] || !dialects.includes(dialect as SqlDialect)) {
      throw new UsageError(`--dialect needs --print, and must be one of ${dialects.join(", ")}.`);
    }
    call.terminal.out(migrationSql(dialect as SqlDialect, namesIn(call)));
  },
};

async function runOn(url: string, call: Call): Promise<void> {
  if (call.options["dialect"] !== undefined)
    throw new UsageError("The URL determines the dialect. Leave out --dialect.");
  const { connection, schema, close } = await openByUrl(url, call.terminal.folder);
  try {
    await run(call, { connection, ...(schema !== undefined && { schema }) });
  } catch (error) {
    throw new Error(describeError(error, [url, passwordIn(url)]).replace(/^Error: /, ""), { cause: error });
  } finally {
    await close();
  }
}

/** The password in a URL, decoded. A driver's error may quote it, in either form. */
function passwordIn(url: string): string | undefined {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).password) || undefined : undefined;
}

async function run(call: Call, config: Config): Promise<void> {
  const asked = namesIn(call);
  const options = { prefix: asked.prefix ?? config.prefix, schema: asked.schema ?? config.schema };
  if (call.options["print"]) {
    call.terminal.out(migrationSql(need(config, "connection").dialect, options));
    return;
  }
  if (config.migrate) {
    if (asked.schema !== undefined || asked.prefix !== undefined) {
      throw new UsageError(
        "--schema and --prefix are for SQL stores, but the configuration exports its own migrate. Leave them out.",
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

function namesIn({ options }: Call): SchemaOptions {
  const { prefix, schema } = options as SchemaOptions;
  return { prefix, schema };
}
