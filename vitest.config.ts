import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { isWhole } from "./test/sample.js";

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

/** Files that `npm test` leaves to `npm run test:all`: each repeats, on one more server or version, what others show. */
const repeats = ["adapters/nestjs-11", "examples/{drizzle,typeorm}"];

/**
 * The kinds of tests, each by what it takes: `npm run test:unit` runs one. A file belongs to the first kind that names it,
 * and to `unit` if none does. `test/README.md` is the map.
 */
const kinds: Readonly<Record<string, readonly string[]>> = {
  // The whole application crashes, or loses a server, again and again; and what an attacker can measure.
  faults: ["faults/**", "simulation/**", "testing/combination/**", "{timing,flood}"],
  // Other runtimes and the packed package, as other projects have them.
  runtimes: [
    "runtimes/**",
    "tokens/web-crypto",
    "package/**",
    "size",
    "adapters/{nestjs-11,nextjs-server,adonisjs}",
  ],
  // Examples, docs, and the demo, from the outside; with a browser where a person has one.
  "end-to-end": [
    "examples/**",
    "demo/**",
    "cli/**",
    "attacks/**",
    "react/**",
    "dev/**",
    "**/{browser,admin-browser,typed}",
    "http/docs/**",
    "{docs,readme,reference,troubleshooting,moving-over,words,canary}",
  ],
  // Published suites, run over each implementation.
  contract: [
    "testing/**",
    "adapters/**",
    "tokens/**",
    "users/**",
    "stores/{memory,redis,redis-cluster,mongodb,sql}",
    "queues/{bullmq,pg-boss}",
  ],
  // Real servers: databases, Redis, SMTP.
  integration: [
    "connections/**",
    "stores/**",
    "queues/**",
    "servers/**",
    "telemetry/**",
    "pages/admin-stores",
    "delivery/{email,recipient}",
    "engine/{mail-server,check}",
    "client",
  ],
  unit: ["**/*"],
};

/** Kinds whose files leave nothing behind in their process, so that the next file needn't load everything anew. */
const sharing = ["unit", "contract", "integration"];

const pathsOf = (names: readonly string[]) =>
  names.map((name) => `test/${name.replace(/\/\*\*$/, "/**/*")}.test.ts`);

/** A kind has the files that it names, without those of the kinds before it. */
const projects = Object.entries(kinds).map(([name, names], index, all) => ({
  extends: true as const,
  test: {
    name,
    isolate: !sharing.includes(name),
    include: pathsOf(names),
    exclude: pathsOf([...all.slice(0, index).flatMap(([, before]) => before), ...(isWhole ? [] : repeats)]),
  },
}));

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
    projects,
    reporters: ["default", "./test/frameworks-table.ts", "./test/users-table.ts", "./test/count-reporter.ts"],
    globalSetup: ["./test/servers/setup.ts"],
    maxWorkers: 2,
    // A busy machine is no failure: what is waited for may come late, and only what never comes must fail.
    testTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 120_000,
  },
});
