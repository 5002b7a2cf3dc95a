import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./debian.js";
import { once } from "./shared.js";

const source = fileURLToPath(new URL("../../examples/prisma", import.meta.url));

/** The example for Prisma in a folder of its own, with its packages and its generated client. */
export function prismaExample(): Promise<string> {
  return once("prisma", async (folder) => {
    await cp(source, folder, { recursive: true });
    await symlink(await packages(), join(folder, "node_modules"));
    // `generate` wants an engine for the schema, which only `migrate` would use: any program will do.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
    await run(process.execPath, ["node_modules/prisma/build/index.js", "generate"], { cwd: folder, env });
    return folder;
  });
}

/** Makes a client of that folder, on a PostgreSQL. */
export async function prismaClient(folder: string): Promise<(connectionString: string) => any> {
  const { PrismaClient } = await import(join(folder, "generated/client.ts"));
  const { PrismaPg } = await import(join(folder, "node_modules/@prisma/adapter-pg/dist/index.mjs"));
  return (connectionString) => new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
}

/**
 * Prisma's packages, which are too large to be dependencies of ours, where `npm install` puts them for the
 * example: once on a machine, until its package.json changes. The registry must be in reach.
 */
async function packages(): Promise<string> {
  const manifest = await readFile(join(source, "package.json"));
  const key = createHash("sha256").update(manifest).digest("hex").slice(0, 16);
  const folder = join(tmpdir(), `resetkit-prisma-${key}`);
  if (existsSync(folder)) return join(folder, "node_modules");

  const part = `${folder}.${randomUUID()}`;
  await mkdir(part);
  await cp(join(source, "package.json"), join(part, "package.json"));
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: part });
  // Another run may have been faster.
  await rename(part, folder).catch(() => rm(part, { recursive: true }));
  return join(folder, "node_modules");
}
