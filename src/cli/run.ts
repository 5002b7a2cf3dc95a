import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { describeError } from "../runtime/log.js";
import { clearExpired } from "./clear-expired.js";
import { doctor } from "./doctor.js";
import { init } from "./init.js";
import { migrateCommand } from "./migrate.js";
import { preview } from "./preview.js";
import { queue } from "./queue.js";
import { schema } from "./schema.js";
import { secret } from "./secret.js";
import { send } from "./send.js";
import { status } from "./status.js";
import { Failure, UsageError, type Command, type Terminal } from "./terminal.js";
import { throttles } from "./throttles.js";
import { tokens } from "./tokens.js";
import { work } from "./work.js";

const manifest = createRequire(import.meta.url)("resetkit/package.json") as { readonly version: string };

const commands: readonly Command[] = [
  init,
  migrateCommand,
  schema,
  clearExpired,
  tokens,
  send,
  work,
  status,
  doctor,
  preview,
  queue,
  throttles,
  secret,
];

const shared = {
  config: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs one command of `npx resetkit`. Resolves to its exit code: 0 success, 1 failure, 2 usage error. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.out(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    terminal.out(manifest.version);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (!command) {
    terminal.err(
      `resetkit has no command "${name}". Use one of ${commands.map((one) => one.name).join(", ")}.`,
    );
    return 2;
  }
  try {
    const { values, positionals } = parse(command, rest);
    if (values["help"]) terminal.out(helpOf(command));
    else await command.run({ terminal, words: positionals, options: values });
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`${error.message}\nRun resetkit ${command.name} --help for help.`);
      return 2;
    }
    if (error instanceof Failure) return 1;
    terminal.err(`resetkit ${command.name} failed. ${describeError(error)}`);
    return 1;
  }
}

function parse(command: Command, args: string[]) {
  try {
    return parseArgs({ args, options: { ...shared, ...command.options }, allowPositionals: true }) as {
      values: Record<string, string | boolean | undefined>;
      positionals: string[];
    };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: resetkit <command> [options]

${lines.join("\n")}

Options of all commands:
  --config <file>  default: resetkit.config.ts, .js, or .mjs in this folder
  --json           prints one line of JSON, for programs
  --help           explains a command, with examples

Exit codes: 0 success, 1 failure, 2 usage error.

The configuration exports the objects that your application already has:

  // resetkit.config.js
  export { reset, store, connection } from "./dist/password-reset.js";
  export const close = () => pool.end();`;
}

function helpOf({ name, usage, help }: Command): string {
  return `Usage: resetkit ${name}${usage ? ` ${usage}` : ""}\n\n${help}`;
}
