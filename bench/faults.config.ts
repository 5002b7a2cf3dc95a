import { defineConfig } from "vitest/config";
import base from "../vitest.config.js";

const hours = 3_600_000;

export default defineConfig({
  ...base,
  test: { ...base.test, include: ["bench/faults.suite.ts"], testTimeout: 6 * hours },
});
