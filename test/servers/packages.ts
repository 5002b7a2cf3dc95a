import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./debian.js";

/**
 * Packages that are too large to be dependencies of ours, or that `npm ci` cannot install everywhere: installed
 * once on a machine, until the manifest changes. Gives their node_modules. The registry must be in reach.
 */
export async function installed(name: string, manifest: string): Promise<string> {
  const key = createHash("sha256").update(manifest).digest("hex").slice(0, 16);
  const folder = join(tmpdir(), `resetkit-${name}-${key}`);
  if (existsSync(folder)) return join(folder, "node_modules");

  const part = `${folder}.${randomUUID()}`;
  await mkdir(part);
  await writeFile(join(part, "package.json"), manifest);
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: part });
  // Another run may have been faster.
  await rename(part, folder).catch(() => rm(part, { recursive: true }));
  return join(folder, "node_modules");
}
