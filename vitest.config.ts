import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: "#crypto", replacement: source("crypto/node.ts") },
      { find: /^resetkit$/, replacement: source("index.ts") },
      { find: /^resetkit\/http$/, replacement: source("http/handler.ts") },
      { find: /^resetkit\/pages$/, replacement: source("pages/pages.ts") },
      { find: /^resetkit\/(otel|prometheus)$/, replacement: source("telemetry/$1.ts") },
      { find: /^resetkit\/react$/, replacement: source("react/hooks.ts") },
      { find: /^resetkit\/dev$/, replacement: source("dev/inbox.ts") },
      { find: /^resetkit\/testing$/, replacement: source("testing/index.ts") },
      { find: /^resetkit\/(.+)$/, replacement: source("$1.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", "./test/frameworks-table.ts", "./test/users-table.ts", "./test/count-reporter.ts"],
    globalSetup: ["./test/servers/setup.ts"],
    maxWorkers: 2,
    // A busy machine is no failure: what is waited for may come late, and only what never comes must fail.
    testTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 120_000,
  },
});
