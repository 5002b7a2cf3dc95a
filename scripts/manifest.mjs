/**
 * Removes `prepare` from package.json while npm packs, and restores it afterward: `prepack` and `postpack` run this.
 *
 * The repository needs `prepare`, so that `npm ci` builds. In a published package, it looks to scanners and reviewers as if
 * the package ran code on install (docs/decisions/131-the-package-runs-no-script.md).
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const manifest = fileURLToPath(new URL("../package.json", import.meta.url));
const original = `${manifest}.original`;

const steps = { clean, restore };
const [, , name] = process.argv;
if (!Object.hasOwn(steps, name)) throw new Error("Pass a step: node scripts/manifest.mjs clean | restore");
steps[name]();

function clean() {
  // An interrupted run may have left the original behind. Without this line, the cleaned manifest would replace it.
  restore();
  const text = readFileSync(manifest, "utf8");
  const { scripts, ...rest } = JSON.parse(text);
  const { prepare: _, ...packed } = scripts;
  writeFileSync(original, text);
  writeFileSync(manifest, `${JSON.stringify({ ...rest, scripts: packed }, null, 2)}\n`);
}

function restore() {
  if (existsSync(original)) renameSync(original, manifest);
}
