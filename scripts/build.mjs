/**
 * Builds the package into `dist`: types by tsc, one file for each source, and JavaScript by rolldown, in few
 * files without comments (docs/decisions/100-built-in-few-files.md).
 *
 * It is built beside `dist`, and takes its place as a whole. Nothing of an older build is left to be packed, and
 * who reads `dist` meanwhile never finds half of one.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { peers } from "./peers.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Files of `dist/shared` that several entries load: each has the source that it is named after, and all that
 * this imports, but for what a file before it has. All else that is shared is in files of its own.
 *
 * Bundlers leave out what nobody uses of a file, but not what is computed when it is loaded. So that is marked as
 * pure, or stays apart from what is imported without it: `answers` from the handler, since pages need no answer.
 */
const shared = {
  core: "index",
  sentences: "locales/pick",
  answers: "http/answers",
  handler: "http/handler",
  sql: "stores/sql",
};

const options = {
  cwd: root,
  input: Object.fromEntries(sources().map((source) => [source.slice("src/".length, -".ts".length), source])),
  external: ["#crypto", /^node:/, ...peers],
  platform: "neutral",
  // What is bundled may be a package without `exports`.
  resolve: { mainFields: ["module", "main"] },
  tsconfig: false,
  transform: { target: "es2022" },
};

const output = {
  entryFileNames: "[name].js",
  chunkFileNames: "shared/[name].js",
  codeSplitting: {
    groups: Object.entries(shared).map(([name, source]) => ({
      name,
      test: (file) => file === join(root, `src/${source}.ts`),
    })),
  },
  // Names stay what they are: whoever reads a stack trace finds them in the sources.
  minify: false,
  minifyInternalExports: false,
  comments: { annotation: true, jsdoc: false, legal: false },
  sourcemap: true,
  sourcemapExcludeSources: true,
};

/** All sources: `dist` mirrors `src` file for file, and what lives in a shared file is handed on from there. */
function sources() {
  return readdirSync(join(root, "src"), { recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${file}`);
}

/** Builds into a folder beside `dist`: source maps say where the sources are from there. */
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
} finally {
  for (const folder of [fresh, stale]) rmSync(folder, { recursive: true, force: true });
}
