import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Makes one file of a child, beside the packages that it loads; gives its path. */
export async function buildChild(source = "test/faults/child.ts"): Promise<string> {
  const outfile = join(root, "reports", "faults", `child-${crypto.randomUUID()}.mjs`);
  await mkdir(join(outfile, ".."), { recursive: true });
  await build({
    entryPoints: [join(root, source)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["better-sqlite3", "pg-native"],
    // What is bundled of CommonJS asks for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);',
    },
    alias: { "#crypto": join(root, "src/crypto/node.ts") },
  });
  return outfile;
}
