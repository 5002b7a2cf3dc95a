/**
 * Prints what each entry weighs, bundled and minified for a runtime without Node, with and without gzip.
 * Exits with 1 where the core is above its limit: `npm run size`.
 */
import { readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const coreLimit = 12_000;

/**
 * Bytes of a bundle that imports some names of an entry, and of its gzip. What is loaded when it is first
 * used (the worker, the list of common passwords) stays in files of its own, as a splitting bundler leaves it.
 */
export async function sizeOf(entry, names) {
  const contents = names ? `export { ${names} } from "./dist/${entry}"` : `export * from "./dist/${entry}"`;
  const result = await build({
    stdin: { contents, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
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

export async function allSizes() {
  const entries = [["index.js", "passwordReset"]];
  for (const folder of ["tokens", "stores", "connections", "delivery", "adapters"]) {
    for (const file of readdirSync(`dist/${folder}`)) {
      if (file.endsWith(".js")) entries.push([`${folder}/${file}`]);
    }
  }
  entries.push(["http/handler.js"], ["pages/pages.js"], ["client.js"]);
  const rows = [];
  for (const [entry, names] of entries)
    rows.push({ entry: names ? `{ ${names} }` : entry, ...(await sizeOf(entry, names)) });
  return rows;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const rows = await allSizes();
  for (const { entry, bytes, gzip } of rows) {
    console.log(`${entry.padEnd(34)} ${String(bytes).padStart(7)} B  ${String(gzip).padStart(6)} B gzip`);
  }
  const core = rows[0];
  console.log(`\ncore: ${core.gzip} bytes gzip, limit ${coreLimit}`);
  if (core.gzip > coreLimit) process.exit(1);
}
