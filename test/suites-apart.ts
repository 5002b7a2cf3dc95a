import { defineConfig, type ViteUserConfig } from "vitest/config";
import everything from "../vitest.config.js";

const minute = 60_000;

/** Suites that `npm test` leaves out, each with a script of its own. `minutes` is the limit of a test and of a hook. */
export function suitesApart(
  include: string[],
  minutes: number,
  more: ViteUserConfig["test"] = {},
): ViteUserConfig {
  const limit = minutes * minute;
  return defineConfig({
    ...everything,
    test: {
      ...everything.test,
      // The kinds of tests have their own lists of files, which would be run instead.
      projects: undefined,
      reporters: ["default"],
      testTimeout: limit,
      hookTimeout: limit,
      ...more,
      include,
    },
  });
}
