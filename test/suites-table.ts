import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));
const marks = ["<!-- rows:start -->", "<!-- rows:end -->"] as const;

/**
 * Writes what passed, and what didn't, into a page of docs/evidence. `unless` is a variable that makes the run another than
 * the page's.
 */
export default class SuitesTable implements Reporter {
  readonly #page: string;
  readonly #isOurs: boolean;

  constructor({ page, unless }: { readonly page: string; readonly unless?: string }) {
    this.#page = `${root}docs/evidence/${page}.md`;
    this.#isOurs = unless === undefined || process.env[unless] === undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (!this.#isOurs) return;
    const rows = modules.map((module) => {
      const tests = [...module.children.allTests()].filter((test) => test.result().state !== "skipped");
      const failed = tests.filter((test) => test.result().state === "failed");
      const file = relative(root, module.moduleId);
      const names = failed.map(({ fullName }) => fullName.replaceAll("|", "\\|")).join("; ");
      return `| [${file}](../../${file}) | ${tests.length - failed.length} of ${tests.length} | ${names || "–"} |`;
    });
    const [before, rest] = readFileSync(this.#page, "utf8").split(marks[0]);
    const after = rest!.split(marks[1])[1];
    const table = ["| file | passed | failed |", "| --- | --- | --- |", ...rows.sort()].join("\n");
    writeFileSync(this.#page, `${before}${marks[0]}\n\n${table}\n\n${marks[1]}${after}`);
  }
}
