import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../test/servers/debian.js";

export const betterAuthVersion = "1.7.25";

/**
 * The `node_modules` with Better Auth, which is no dependency of ours: once on a machine, in the system's
 * temporary folder. The registry must be in reach.
 */
export async function betterAuthPackages(): Promise<string> {
  const folder = join(tmpdir(), `resetkit-better-auth-${betterAuthVersion}`);
  if (!existsSync(folder)) {
    const part = `${folder}.${process.pid}`;
    await mkdir(part);
    const manifest = { private: true, dependencies: { "better-auth": betterAuthVersion } };
    await writeFile(join(part, "package.json"), JSON.stringify(manifest));
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: part });
    // Another run may have been faster.
    await rename(part, folder).catch(() => rm(part, { recursive: true }));
  }
  return join(folder, "node_modules");
}
