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
 * Bundles, and gives the path of the file. `snippet` replaces a piece of the engine's text: it must be there, and once.
 *
 * @param {{ find: string, replace: string }} [snippet]
 */
export async function bundle(snippet) {
  const outfile = join(root, "reports", "simulation", `${randomUUID()}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  let found = 0;
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
          if (!snippet) return;
          onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
            const text = readFileSync(path, "utf8");
            const parts = text.split(snippet.find);
            found += parts.length - 1;
            return { contents: parts.join(snippet.replace), loader: "ts" };
          });
        },
      },
    ],
  });
  if (snippet && found !== 1)
    throw new Error(`The snippet to replace occurs ${found} times: ${snippet.find}`);
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
