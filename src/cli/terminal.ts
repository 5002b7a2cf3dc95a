/** Where a command writes: the terminal, or a test. */
export interface Terminal {
  /** Prints a result. */
  out(text: string): void;
  /** Prints an error. */
  err(text: string): void;
  /** A screen whose last line can be overwritten, or `null` in a pipe or cron. */
  readonly progress: { write(text: string): unknown; readonly columns?: number } | null;
  /** Asks for yes or no; `null` if there's no one at the terminal to answer. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  /** The folder to look for the configuration in. */
  readonly folder: string;
}

/** One command: its name, its help, and what it does. */
export interface Command {
  readonly name: string;
  /** What follows the name, such as `<identifier>`. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The text for `--help`. */
  readonly help: string;
  readonly options: Readonly<Record<string, { readonly type: "string" | "boolean" }>>;
  /** Rejects with a `UsageError` if the arguments are wrong, and with any other error if the work failed. */
  run(call: Call): Promise<void>;
}

export interface Call {
  readonly terminal: Terminal;
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

/** The command has already reported what went wrong. The exit code is 1. */
export class Failure extends Error {}

/** The arguments are wrong. The exit code is 2. */
export class UsageError extends Error {}

/** Prints a result as a sentence, or as one line of JSON with `--json`. */
export function say({ terminal, options }: Call, sentence: string, json: unknown): void {
  terminal.out(options["json"] ? JSON.stringify(json) : sentence);
}
