import { defineConfig } from "vitest/config";
import base from "../../vitest.config.js";

// Every statement goes through Cloudflare's simulator, so this takes a while: `npm run test:d1`.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: undefined,
    include: ["test/d1/*.suite.ts"],
    reporters: ["default", ["./test/suites-table.ts", { page: "d1" }]],
    hookTimeout: 300_000,
    testTimeout: 300_000,
  },
});
