import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { PasswordReset, SqlConnection, Store } from "../types.js";
import { UsageError, type Call } from "./terminal.js";
import { importTypeScript } from "./typescript.js";

/** The objects that `resetkit.config.js` exports, by name or as its default. The application already has them. */
export interface Config {
  /** What `passwordReset()` returned. */
  readonly reset?: PasswordReset;
  /** The store that was passed to it. */
  readonly store?: Store;
  /** The connection that was passed to `sqlStore`, for `migrate`. */
  readonly connection?: SqlConnection;
  /** The prefix of the tables, if it isn't the default. */
  readonly prefix?: string;
  /** The schema of the tables, if it isn't the connection's current one. */
  readonly schema?: string;
  /** Creates the store's tables or indexes, if it isn't a SQL store: `() => migrate(db)`. */
  readonly migrate?: () => Promise<unknown>;
  /** Closes the connections, so that the command can exit. */
  readonly close?: () => Promise<unknown> | unknown;
}

const names = ["resetkit.config.ts", "resetkit.config.js", "resetkit.config.mjs"];

/** Loads the configuration, passes it to `work`, and closes what it opened. */
export async function withConfig<T>(call: Call, work: (config: Config) => Promise<T>): Promise<T> {
  const config = await load(call);
  try {
    return await work(config);
  } finally {
    await config.reset?.close();
    await config.close?.();
  }
}

/** A part of the configuration that a command requires. */
export function need<Name extends keyof Config>(config: Config, name: Name): NonNullable<Config[Name]> {
  const value = config[name];
  if (value) return value;
  throw new UsageError(`The configuration doesn't export "${name}". Add it to resetkit.config.js.`);
}

async function load({ terminal, options }: Call): Promise<Config> {
  const asked = options["config"];
  const file =
    typeof asked === "string"
      ? resolve(terminal.folder, asked)
      : names.map((name) => join(terminal.folder, name)).find((path) => existsSync(path));
  if (!file || !existsSync(file)) {
    throw new UsageError(
      `There's no ${typeof asked === "string" ? asked : names.join(", ")} here. Write one that exports { reset, store, connection, close }, or name another file with --config.`,
    );
  }
  readEnvironment(terminal.folder);
  const module = (await (/\.[mc]?ts$/.test(file)
    ? importTypeScript(file)
    : import(pathToFileURL(file).href))) as Config & { readonly default?: Config };
  return module.default ?? module;
}

/**
 * Sets the variables of the folder's `.env`, where `init` writes the secret: an application gets them from its framework or
 * from `--env-file`, and a command has neither. Variables that are set already keep their values.
 */
function readEnvironment(folder: string): void {
  const file = join(folder, ".env");
  // Bun reads the file by itself, and may not have this function.
  const { loadEnvFile } = process as { readonly loadEnvFile?: (path: string) => void };
  if (existsSync(file)) loadEnvFile?.(file);
}
