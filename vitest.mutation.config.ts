import { defineConfig } from "vitest/config";
import everything from "./vitest.config.js";

/**
 * What `npm run mutation` runs against each changed line: what judges tokens and cryptography, without servers, and
 * without the properties, whose thousands of cases would be run for every mutant.
 */
export default defineConfig({
  ...everything,
  test: {
    include: ["test/tokens/*.test.ts", "test/testing/strategies.test.ts", "test/crypto.test.ts"],
    exclude: ["test/tokens/django-site.test.ts", "test/tokens/*properties.test.ts"],
    testTimeout: 30_000,
  },
});
