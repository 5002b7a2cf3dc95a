import { defineConfig } from "vitest/config";
import base from "../../vitest.config.js";

const minute = 60_000;

// Downloads and builds what other people's starters make, so `npm test` leaves it out: `npm run test:starters`.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: undefined,
    include: ["test/starters/*.suite.ts"],
    reporters: ["default"],
    testTimeout: 20 * minute,
    hookTimeout: 10 * minute,
  },
});
