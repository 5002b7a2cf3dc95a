import { defineConfig } from "vitest/config";
import base from "../../vitest.config.js";

// Unpacks a server of 540 MB, and needs root: `npm run test:mongodb`. With MONGODB_URL, it runs on that server.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: undefined,
    include: [
      "test/mongodb/*.suite.ts",
      "test/stores/mongodb.test.ts",
      "test/users/mongodb.test.ts",
      "test/pages/admin-stores.test.ts",
    ],
    globalSetup: [...base.test!.globalSetup!, "./test/mongodb/setup.ts"],
    reporters: ["default", ["./test/suites-table.ts", { page: "mongodb", unless: "MONGODB_URL" }]],
    fileParallelism: false,
    hookTimeout: 600_000,
    testTimeout: 600_000,
  },
});
