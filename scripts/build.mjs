/**
 * Builds the package into `dist`: types with tsc, one file per source, and JavaScript with rolldown, in few files without
 * comments (docs/decisions/100-built-in-few-files.md).
 *
 * The build goes into a new folder, which then replaces `dist` as a whole. So no file of an older build gets packed, and
 * processes that read `dist` in the meantime never see half a build.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { peers } from "./peers.mjs";
import { unreachableIn } from "./unreachable.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Files of `dist/shared` that several entries load. Each contains the source it's named after and everything that this
 * imports, except what an earlier file contains. Other shared sources stay in separate files.
 *
 * Bundlers drop a file's unused exports, but not code that runs when the file is loaded. Such code is marked as pure, or
 * kept in a file that's imported only where it's needed: `answers` is separate from the handler for that reason.
 */
const shared = {
  core: "index",
  sentences: "locales/pick",
  answers: "http/answers",
  handler: "http/handler",
  sql: "stores/sql",
};

/**
 * Files of `dist/shared` with the sources under a path, but not what these import. Hardly any of these sources is loaded
 * without the others; the admin pages and the command line also load the reset pages.
 */
const alike = {
  "command-line": "cli/",
  "admin-pages": "pages/admin",
  "reset-pages": "pages/",
  "mongodb-store": "stores/mongodb/",
  "redis-store": "stores/redis/",
};

const options = {
  cwd: root,
  input: Object.fromEntries(sources().map((source) => [source.slice("src/".length, -".ts".length), source])),
  external: ["#crypto", /^node:/, ...peers],
  platform: "neutral",
  // What grouping without dependencies needs.
  preserveEntrySignatures: "allow-extension",
  // Some bundled packages have no `exports`.
  resolve: { mainFields: ["module", "main"] },
  tsconfig: false,
  transform: { target: "es2022" },
  // `"use client"` stays the first line of its file: test/package/contents.test.ts shows it.
  checks: { moduleLevelDirective: false },
};

const output = {
  entryFileNames: "[name].js",
  chunkFileNames: "shared/[name].js",
  codeSplitting: {
    groups: [
      ...Object.entries(shared).map(([name, source]) => ({
        name,
        test: (file) => file === join(root, `src/${source}.ts`),
      })),
      // One entry loads them all.
      { name: "suites", test: (file) => file.startsWith(join(root, "src/testing/")) },
      ...Object.entries(alike).map(([name, path]) => ({
        name,
        test: (file) => file.startsWith(join(root, `src/${path}`)) && !file.endsWith("cli/main.ts"),
        includeDependenciesRecursively: false,
      })),
    ],
  },
  // Keep names, so that those in a stack trace can be found in the sources.
  minify: false,
  minifyInternalExports: false,
  comments: { annotation: true, jsdoc: false, legal: false },
  sourcemap: true,
  sourcemapExcludeSources: true,
};

/** All sources. `dist` mirrors `src` file by file; code in a shared file is re-exported from there. */
function sources() {
  return readdirSync(join(root, "src"), { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${file}`);
}

/** Builds into a folder next to `dist`, so that the relative paths in source maps stay correct. */
async function buildInto(folder) {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const types = [tsc, "-p", "tsconfig.build.json", "--outDir", folder];
  execFileSync(process.execPath, types, { cwd: root, stdio: "inherit" });
  await build({ ...options, output: { ...output, dir: folder } });
}

const dist = join(root, "dist");
const [fresh, stale] = ["fresh", "stale"].map((state) => join(root, `.dist-${state}-${process.pid}`));
try {
  await buildInto(fresh);
  if (existsSync(dist)) renameSync(dist, stale);
  renameSync(fresh, dist);
  // npm doesn't pack this file either.
  writeFileSync(
    join(dist, ".npmignore"),
    `${unreachableIn(root)
      .map((file) => `/${file}`)
      .join("\n")}\n`,
  );
} finally {
  for (const folder of [fresh, stale]) rmSync(folder, { recursive: true, force: true });
}
