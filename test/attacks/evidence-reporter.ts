import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";
import { root } from "../package/packed.js";
import { catalogue } from "./catalogue.js";
import { pageOf, type Outcome } from "./page.js";

/** Writes `docs/evidence/attacks.md` from the tests that ran. */
export default class EvidenceReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        file: relative(root, module.moduleId),
        title: test.fullName,
        state: test.result().state,
      })),
    );
    const outcomes = new Map<string, Outcome>();
    for (const { id, file, test } of catalogue) {
      if (file === undefined || test === undefined) continue;
      // Titles of it.each have their values filled in: what stands before and after them still matches.
      const parts = test.split("%s").map((part) => part.trim());
      const own = tests.filter((one) => one.file === file && parts.every((part) => one.title.includes(part)));
      outcomes.set(id, {
        passed: own.filter(({ state }) => state === "passed").length,
        failed: own.filter(({ state }) => state === "failed").length,
      });
    }
    const date = new Date().toISOString().slice(0, 10);
    writeFileSync(join(root, "docs/evidence/attacks.md"), pageOf(catalogue, outcomes, date));
  }
}
