import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Makes one file of the child, beside the packages that it loads; gives its path. */
export async function buildChild(): Promise<string> {
  const outfile = join(root, "reports", "faults", `child-${process.pid}.mjs`);
  await mkdir(join(outfile, ".."), { recursive: true });
  await build({
    entryPoints: [join(root, "test/faults/child.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["better-sqlite3", "pg-native"],
    // What is bundled of CommonJS asks for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    alias: { "#crypto": join(root, "src/crypto.node.ts") },
  });
  return outfile;
}
