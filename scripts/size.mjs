/**
 * Prints each entry's size, bundled and minified for a runtime without Node's modules, with and without gzip, and its
 * limit. Exits with 1 if an entry is above its limit or has none: `npm run size`.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { entriesOf } from "./entries.mjs";
import { peers } from "./peers.mjs";

/** Limits in bytes of gzip. They're close to the current sizes, so that growth has to be declared here. */
export const limits = JSON.parse(readFileSync(new URL("size-limits.json", import.meta.url), "utf8"));

/** The core is measured as one function, since token strategies and the like have their own entries. */
const names = { resetkit: "{ passwordReset }" };

/** Has `node:` imports and is never bundled. */
const without = ["resetkit/testing"];

/** The files of `dist` to measure, by import path. */
export const weighed = new Map([...entriesOf(process.cwd())].filter(([name]) => !without.includes(name)));

/**
 * The size of a bundle that imports an entry, in bytes, with and without gzip. Code that's loaded on first use (the worker,
 * the list of common passwords) doesn't count, since bundlers with code splitting put it into separate files.
 */
export async function sizeOf(name) {
  const result = await build({
    stdin: {
      contents: `export ${names[name] ?? "*"} from "./${weighed.get(name)}"`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    // The application already has its framework.
    external: peers,
    plugins: [leaveDynamicImports],
    // Without the path mappings to `src`, since users bundle the package.
    tsconfigRaw: {},
  });
  const [{ contents: bytes }] = result.outputFiles;
  return { bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

const leaveDynamicImports = {
  name: "leave-dynamic-imports",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const name of weighed.keys()) {
    const { bytes, gzip } = await sizeOf(name);
    const isGood = gzip <= limits[name];
    const columns = [String(bytes).padStart(7), String(gzip).padStart(7), String(limits[name]).padStart(7)];
    console.log(`${name.padEnd(38)} ${columns.join(" ")}${isGood ? "" : "  above its limit"}`);
    if (!isGood) process.exitCode = 1;
  }
  console.log("\nbytes, bytes of gzip, and the limit of those (scripts/size-limits.json)");
}
