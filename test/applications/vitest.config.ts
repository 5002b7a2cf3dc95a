import { defineConfig } from "vitest/config";
import base from "../../vitest.config.js";

const minute = 60_000;

// Installs and builds whole applications, so `npm test` leaves it out: `npm run test:applications`.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: undefined,
    include: ["test/applications/*.suite.ts"],
    reporters: ["default"],
    testTimeout: 15 * minute,
    hookTimeout: 15 * minute,
  },
});
