import { cp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./debian.js";
import { packages } from "./packages.js";
import { once } from "./shared.js";

const source = fileURLToPath(new URL("../../examples/prisma", import.meta.url));

/** The example for Prisma in a folder of its own, with its packages and its generated client. */
export function prismaExample(): Promise<string> {
  return once("prisma", async (folder) => {
    await cp(source, folder, { recursive: true });
    await symlink(await prismaPackages(), join(folder, "node_modules"));
    // `generate` wants an engine for the schema, which only `migrate` would use: any program will do.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
    await run(process.execPath, ["node_modules/prisma/build/index.js", "generate"], { cwd: folder, env });
    return folder;
  });
}

/** Makes a client of that folder, on a PostgreSQL. */
export async function prismaClient(folder: string): Promise<(connectionString: string, max?: number) => any> {
  const { PrismaClient } = await import(join(folder, "generated/client.ts"));
  const { PrismaPg } = await import(join(folder, "node_modules/@prisma/adapter-pg/dist/index.mjs"));
  return (connectionString, max) =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString, ...(max && { max }) }) });
}

/** Prisma's packages, which are too large to be dependencies of ours: those of the example. */
async function prismaPackages(): Promise<string> {
  return packages("prisma", JSON.parse(await readFile(join(source, "package.json"), "utf8")));
}
