import { cp, readFile, symlink, writeFile } from "node:fs/promises";
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
    await generate(folder);
    return folder;
  });
}

async function generate(folder: string): Promise<void> {
  // `generate` wants an engine for the schema, which only `migrate` would use: any program will do.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
  await run(process.execPath, ["node_modules/prisma/build/index.js", "generate"], { cwd: folder, env });
}

export type PrismaProvider = "postgresql" | "mysql" | "sqlite";

const adapters = {
  postgresql: { package: "adapter-pg", file: "index.mjs", name: "PrismaPg" },
  mysql: { package: "adapter-mariadb", file: "index.mjs", name: "PrismaMariaDb" },
  sqlite: { package: "adapter-libsql", file: "index-node.mjs", name: "PrismaLibSql" },
} as const;

const dependencies = {
  ...Object.fromEntries(Object.values(adapters).map((one) => [`@prisma/${one.package}`, "7.10.0"])),
  "@prisma/client": "7.10.0",
  prisma: "7.10.1",
};

/** A folder with the generated client of a schema, on each of Prisma's databases that run here. */
export function prismaProject(provider: PrismaProvider, models: string): Promise<string> {
  return once(`prisma-${provider}`, async (folder) => {
    const schema = `generator client {
      provider            = "prisma-client"
      output              = "./generated"
      importFileExtension = "js"
    }
    datasource db {
      provider = "${provider}"
    }
    ${models}`;
    await writeFile(join(folder, "schema.prisma"), schema);
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await symlink(await packages("prisma-databases", { dependencies }), join(folder, "node_modules"));
    await generate(folder);
    return folder;
  });
}

/** Makes a client of that folder. `options` are the driver adapter's; `more` the client's. */
export async function prismaConnect(
  provider: PrismaProvider,
  folder: string,
): Promise<
  (options: unknown, more?: { readonly adapter?: unknown; readonly [option: string]: unknown }) => any
> {
  const { package: own, file, name } = adapters[provider];
  const { PrismaClient } = await import(join(folder, "generated/client.ts"));
  const adapter = await import(join(folder, `node_modules/@prisma/${own}/dist/${file}`));
  return (options, { adapter: second, ...more } = {}) =>
    new PrismaClient({ adapter: new adapter[name](options, second), ...more });
}

/** Makes a client of that folder, on a PostgreSQL. */
export async function prismaClient(folder: string): Promise<(connectionString: string) => any> {
  const { PrismaClient } = await import(join(folder, "generated/client.ts"));
  const { PrismaPg } = await import(join(folder, "node_modules/@prisma/adapter-pg/dist/index.mjs"));
  return (connectionString) => new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
}

/** Prisma's packages, which are too large to be dependencies of ours: those of the example. */
async function prismaPackages(): Promise<string> {
  return packages("prisma", JSON.parse(await readFile(join(source, "package.json"), "utf8")));
}
