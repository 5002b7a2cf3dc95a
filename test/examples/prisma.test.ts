import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, it } from "vitest";
import { prisma } from "resetkit/connections/prisma";
import { prismaClient, prismaExample } from "../servers/prisma.js";
import { ormJob } from "./orm-job.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = await prismaExample();
const { accounts, createReset } = await import(join(folder, "password-reset.ts"));
const connect = await prismaClient(folder);

ormJob("Prisma", async (url) => {
  const client = connect(url);
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
      "#crypto": [join(root, "src/crypto/node.ts")],
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
