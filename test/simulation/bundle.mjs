/** Makes one file of the simulation and the engine's sources, and runs it. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const { exports, imports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/**
 * Bundles, and returns the path of the file. Each snippet replaces a piece of the engine's text: it must be there, and once.
 *
 * @param {readonly { find: string, replace: string }[]} [snippets]
 */
export async function bundle(snippets = []) {
  const outfile = join(root, "reports", "simulation", `${randomUUID()}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  const found = snippets.map(() => 0);
  await build({
    entryPoints: [join(here, "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["better-sqlite3"],
    inject: [join(here, "timers.ts")],
    plugins: [
      {
        name: "sources",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^resetkit(\/|$)/ }, ({ path }) => ({ path: sourceOf(path) }));
          onResolve({ filter: /^#crypto$/ }, ({ importer }) => {
            const ours = join(here, "crypto.ts");
            return { path: importer === ours ? toSource(imports["#crypto"].node) : ours };
          });
          if (snippets.length === 0) return;
          onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
            let contents = readFileSync(path, "utf8");
            for (const [index, { find, replace }] of snippets.entries()) {
              const parts = contents.split(find);
              found[index] += parts.length - 1;
              contents = parts.join(replace);
            }
            return { contents, loader: "ts" };
          });
        },
      },
    ],
  });
  for (const [index, { find }] of snippets.entries()) {
    if (found[index] !== 1) throw new Error(`The snippet to replace occurs ${found[index]} times: ${find}`);
  }
  return outfile;
}

/** The source that a name of the package's `exports` stands for. */
function sourceOf(name) {
  const path = `.${name.slice("resetkit".length)}`;
  if (exports[path]) return toSource(exports[path]);
  for (const [pattern, target] of Object.entries(exports)) {
    const [before, after] = pattern.split("*");
    if (after === undefined || !target || !path.startsWith(before)) continue;
    return toSource(target.replace("*", path.slice(before.length)));
  }
  throw new Error(`package.json exports no ${path}.`);
}

function toSource(built) {
  return join(root, built.replace("./dist/", "src/").replace(/\.js$/, ".ts"));
}

/**
 * Runs a bundle in a process of its own.
 *
 * @param {string} file
 * @param {import("./main.js").Order} order
 * @returns {Promise<import("./main.js").Report>}
 */
export function run(file, order) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, JSON.stringify(order)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`The simulation ended with ${code}.`)),
    );
  });
}

export function remove(file) {
  rmSync(file, { force: true });
}

/** The faults of `planted.ts`, for scripts that can't load TypeScript. */
export async function plantedFaults() {
  const { outputFiles } = await build({
    entryPoints: [join(here, "planted.ts")],
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  const { planted } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return planted;
}

/**
 * Runs seeds with a planted fault until one fails.
 *
 * @param {string} name
 * @param {import("./planted.js").Planted} fault
 * @param {{ from: number, count: number, plain: string }} range `plain` is a bundle without snippets.
 */
export async function runPlanted(name, { snippets }, { plain, ...range }) {
  const file = snippets ? await bundle(snippets) : plain;
  try {
    return await run(file, { ...range, failures: 1, ...(!snippets && { planted: name }) });
  } finally {
    if (snippets) remove(file);
  }
}
