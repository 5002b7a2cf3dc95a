import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";

/** A row of the table in docs/frameworks.md; how many tests it had, the run itself says. */
export interface FrameworkRow {
  readonly name: string;
  /** That which is installed, by `versionOf`; `""` where it has none of its own. */
  readonly version: string;
  /** In a few words. */
  readonly ran: string;
}

declare module "vitest" {
  interface TaskMeta {
    frameworks?: FrameworkRow;
    /** A port of users on a database: see test/users-table.ts. */
    users?: FrameworkRow;
  }
}

/** Registers tests that are about a framework, and stand in the table as one row: see test/frameworks-table.ts. */
export function framework(row: FrameworkRow, register: () => void): void {
  describe(row.version ? `${row.name} ${row.version}` : row.name, { meta: { frameworks: row } }, register);
}

const ours = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** What is written in the package.json of an installed package. */
export function versionOf(name: string, modules = ours): string {
  return JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
}

/** The usual words for what `handlerSuite` did. */
export function behind(parsers: object): string {
  const count = Object.keys(parsers).length;
  return `the adapter suite${count > 0 ? `, also behind ${count} parsers` : ""}`;
}
