import { defineConfig } from "vitest/config";
import everything from "./vitest.config.js";

/**
 * What `npm run mutation` runs against each changed line: what judges tokens and cryptography, without servers. Left
 * out are the properties, whose thousands of cases would be run for every mutant, and the suite's second run on
 * Web Crypto.
 */
export default defineConfig({
  ...everything,
  test: {
    include: [
      "test/tokens/**/*.test.ts",
      "test/testing/strategies.test.ts",
      "test/crypto/node-and-web.test.ts",
    ],
    exclude: ["django-site", "web-crypto", "*properties"].map((name) => `test/tokens/${name}.test.ts`),
    testTimeout: 30_000,
  },
});
