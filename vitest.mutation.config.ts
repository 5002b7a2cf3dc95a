import { defineConfig } from "vitest/config";
import areas from "./scripts/mutation-areas.json" with { type: "json" };
import everything from "./vitest.config.js";

/**
 * What `npm run mutation` runs against each changed line: the tests that judge the area, without servers. Left out are
 * properties, whose thousands of cases would be run for every mutant, and what runs a second time on Web Crypto.
 */
const { tests, without } = areas[(process.env.MUTATION_AREA ?? "tokens") as keyof typeof areas];
const filesOf = (names: readonly string[]) => names.map((name) => `test/${name}.test.ts`);

export default defineConfig({
  ...everything,
  test: { include: filesOf(tests), exclude: filesOf(without), testTimeout: 30_000 },
});
