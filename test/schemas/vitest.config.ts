import { defineConfig } from "vitest/config";
import base from "../../vitest.config.js";

const minute = 60_000;

// Downloads and starts other people's programs, so `npm test` leaves it out: `npm run test:schemas`.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: undefined,
    include: ["test/schemas/*.suite.ts"],
    reporters: ["default"],
    testTimeout: 5 * minute,
    hookTimeout: 10 * minute,
  },
});
