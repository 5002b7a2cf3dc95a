import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import type { Reporter, TestModule, TestSuite } from "vitest/node";
import type { FrameworkRow } from "./adapters/framework.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A table of a page that runs of the tests write. */
export interface WrittenTable {
  readonly page: string;
  /** Stands in the comments around the table, and is the name of the meta data of the suites in it. */
  readonly marker: "frameworks" | "users";
  readonly head: readonly [string, string, string, string];
  /** What writes the page. */
  readonly command: string;
  /** Rows of what a machine may lack. */
  mayBeAbsent(cells: readonly string[]): boolean;
}

const frameworks: WrittenTable = {
  page: "docs/frameworks.md",
  marker: "frameworks",
  head: ["framework", "version", "what ran", "passed"],
  command: "npm run docs:frameworks",
  mayBeAbsent: () => false,
};

/** What a run saw of a framework. */
export interface Seen extends FrameworkRow {
  /** The test file, from the root. */
  readonly file: string;
  readonly passed: number;
  readonly of: number;
  /** Whether none was left out, as by a filter. */
  readonly isWhole: boolean;
}

/**
 * Keeps the table in docs/frameworks.md true: a run writes what it saw where `FRAMEWORKS=write` is set, as by
 * `npm run docs:frameworks`, and any other run ends with 1 where the page says something else.
 */
export default class FrameworksTable implements Reporter {
  readonly table: WrittenTable = frameworks;

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const { page, marker, command } = this.table;
    const seen = modules.flatMap((module) => rowsOf(module, marker));
    const text = await readFile(join(root, page), "utf8");
    if (process.env[marker.toUpperCase()] === "write") {
      await writeFile(join(root, page), await withRows(text, seen, this.table));
      return;
    }
    const files = modules.filter(hasRunWhole).map(({ moduleId }) => relative(root, moduleId));
    const wrong = differences(text, seen, files, this.table);
    if (wrong.length === 0) return;
    const lines = wrong.map((line) => `  ${line}`).join("\n");
    console.error(`\n${page} is not what was run:\n${lines}\nRun "${command}".`);
    process.exitCode = 1;
  }
}

function hasRunWhole({ children }: TestModule): boolean {
  return [...children.allTests()].every((test) => test.result().state === "passed");
}

function rowsOf(module: TestModule, marker: WrittenTable["marker"]): Seen[] {
  return (
    [...module.children.allSuites()]
      // What is inside of such a suite inherits its meta.
      .filter((suite) => suite.meta()[marker] && !suite.parent.meta()[marker])
      .map((suite) => rowOf(suite, suite.meta()[marker]!, relative(root, module.moduleId)))
  );
}

function rowOf(suite: TestSuite, row: FrameworkRow, file: string): Seen {
  const states = [...suite.children.allTests()].map((test) => test.result().state);
  const passed = states.filter((state) => state === "passed").length;
  const isWhole = !states.some((state) => state === "skipped" || state === "pending");
  return { ...row, file, passed, of: states.length, isWhole };
}

const placeOf = ({ marker }: WrittenTable) => [`<!-- ${marker}:start -->`, `<!-- ${marker}:end -->`] as const;

/** The page with these rows for a table; formatted as the rest of it is. */
export async function withRows(
  text: string,
  seen: readonly Seen[],
  written: WrittenTable = frameworks,
): Promise<string> {
  const [before, , after] = partsOf(text, written);
  const [begin, end] = placeOf(written);
  const inOrder = [...seen].sort((a, b) =>
    `${a.name} ${a.version}`.localeCompare(`${b.name} ${b.version}`, "en", { numeric: true }),
  );
  const rows = inOrder.map((row) => `| ${cellsOf(row).join(" | ")} |`);
  const table = [`| ${written.head.join(" | ")} |`, "| --- | --- | --- | --- |", ...rows].join("\n");
  const whole = `${before}${begin}\n\n${table}\n\n${end}${after}`;
  return format(whole, { ...(await resolveConfig(join(root, written.page))), parser: "markdown" });
}

/** Where the page says something else than a run in which `files` ran and passed as wholes. */
export function differences(
  text: string,
  seen: readonly Seen[],
  files: readonly string[],
  of: WrittenTable = frameworks,
): string[] {
  const [, table] = partsOf(text, of);
  const written = [...table.matchAll(/^\|(.*)\|$/gm)]
    .slice(2)
    .map(([, cells]) => cells!.split("|").map((cell) => cell.trim()));
  const known = new Set(written.map((cells) => cells.join(" | ")));
  // What failed is told by the tests; a filter leaves numbers that say nothing.
  const certain = seen.filter(({ isWhole, passed, of }) => isWhole && passed === of);
  const ran = new Set(certain.map((row) => cellsOf(row).join(" | ")));
  const missing = [...ran].filter((line) => !known.has(line)).map((line) => `ran, and is not there: ${line}`);
  const stale = written
    .filter((cells) => {
      const file = /\(\.\.\/(.*)\)/.exec(cells[2]!)?.[1] ?? "";
      if (!existsSync(join(root, file))) return true;
      return files.includes(file) && !of.mayBeAbsent(cells) && !ran.has(cells.join(" | "));
    })
    .map((cells) => `is there, and did not run: ${cells.join(" | ")}`);
  return [...missing, ...stale];
}

function cellsOf({ name, version, ran, file, passed, of }: Seen): string[] {
  return [name, version, `[${ran}](../${file})`, `${passed} of ${of}`];
}

function partsOf(text: string, written: WrittenTable): [before: string, table: string, after: string] {
  const [begin, end] = placeOf(written);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${written.page} has no ${begin} … ${end} for its table.`);
  return [text.slice(0, from), text.slice(from + begin.length, to), text.slice(to + end.length)];
}
