import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import { prisma } from "resetkit/connections/prisma";
import { run } from "../servers/debian.js";
import { once } from "../servers/shared.js";
import { ormJob } from "./orm-job.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const source = join(root, "examples/prisma");

/**
 * Prisma's packages, which are too large to be dependencies of ours, where `npm install` puts them for this
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

/** The example in a folder of its own, with its packages and its generated client. */
const folder = await once("prisma", async (fresh) => {
  await cp(source, fresh, { recursive: true });
  await symlink(await packages(), join(fresh, "node_modules"));
  // `generate` wants an engine for the schema, which only `migrate` would use: any program will do.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
  await run(process.execPath, ["node_modules/prisma/build/index.js", "generate"], { cwd: fresh, env });
  return fresh;
});

const { accounts, createReset } = await import(join(folder, "password-reset.ts"));
const { PrismaClient } = await import(join(folder, "generated/client.ts"));
const { PrismaPg } = await import(join(folder, "node_modules/@prisma/adapter-pg/dist/index.mjs"));

ormJob("Prisma", async (connectionString) => {
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  return {
    connection: prisma(client),
    users: accounts(client),
    createReset: (options) => createReset(client, options),
    close: () => client.$disconnect(),
  };
});

it("the example for Prisma is good TypeScript, strictly", () => {
  const program = ts.createProgram([join(folder, "password-reset.ts")], {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
    paths: {
      "#crypto": [join(root, "src/crypto.node.ts")],
      resetkit: [join(root, "src/index.ts")],
      "resetkit/*": [join(root, "src/*.ts")],
    },
  });
  const found = ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  expect(found).toEqual([]);
}, 120_000);
