/** Bundles the fuzzer with the sources, so that coverage includes them, and runs it: `npm run fuzz -- [minutes] [seed] [parser]`. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { build } from "esbuild";

mkdirSync("reports", { recursive: true });
const alias = { "#crypto": "./src/crypto/node.ts" };
const outfile = "reports/fuzz.mjs";
await build({
  entryPoints: ["test/fuzz/main.ts"],
  outfile,
  alias,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
});
try {
  execFileSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" });
} catch {
  process.exitCode = 1;
}
