/**
 * Prints what each entry weighs, bundled and minified for a runtime without Node, with and without gzip, and
 * its limit. Exits with 1 where one is above its limit, or has none: `npm run size`.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { entriesOf } from "./entries.mjs";
import { peers } from "./peers.mjs";

/** Bytes of gzip. Near what the entries weigh: whoever makes one heavier says so here. */
export const limits = JSON.parse(readFileSync(new URL("size-limits.json", import.meta.url), "utf8"));

/** The core is one function; the kinds of tokens and the like come from entries of their own. */
const names = { resetkit: "{ passwordReset }" };

/** Has `node:` imports, and is bundled by nobody. */
const without = ["resetkit/testing"];

/** What there is to weigh: a file of `dist` by the name that it is imported by. */
export const weighed = new Map([...entriesOf(process.cwd())].filter(([name]) => !without.includes(name)));

/**
 * Bytes of a bundle that imports an entry, and of its gzip. What is loaded when it is first used (the worker,
 * the list of common passwords) stays in files of its own, as a splitting bundler leaves it.
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
    // A framework is the application's own, and there already.
    external: peers,
    plugins: [leaveDynamicImports],
    // Not the paths of the sources: what a user bundles is the package.
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
