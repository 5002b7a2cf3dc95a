import { writeFileSync } from "node:fs";
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

/** What `prismaUsers` takes of a client's types: models, their fields, and accounts. */
const typed = `
  import { prismaUsers } from "resetkit/users/prisma";
  import type { PrismaClient, User } from "./generated/client.js";
  import type { Users } from "resetkit";
  declare const client: PrismaClient;
  const rest = { passwordHash: "passwordHash", sessions: "none", hashPassword: (text: string) => text } as const;
  export const users: Users<User> = prismaUsers(client, "user", {
    ...rest,
    identifier: ["email"],
    eligible: (user) => { const { active }: User = user; return active; },
    touch: { active: () => true },
    sessions: { table: "session", userId: "userId" },
  });
  // @ts-expect-error -- no such model
  prismaUsers(client, "users", { ...rest, identifier: "email" });
  // @ts-expect-error -- no such field
  prismaUsers(client, "user", { ...rest, identifier: "mail" });
  // @ts-expect-error -- another model's field
  prismaUsers(client, "user", { ...rest, identifier: "email", sessions: { table: "session", userId: "email" } });
  // @ts-expect-error -- another type than the field's
  prismaUsers(client, "user", { ...rest, identifier: "email", touch: { active: () => "yes" } });
  // @ts-expect-error -- no such field in an account
  prismaUsers(client, "user", { ...rest, identifier: "email", eligible: (user) => user.status === 1 });`;

it("the example for Prisma is good TypeScript, strictly, and prismaUsers is typed from the client", () => {
  const more = join(folder, "typed.ts");
  writeFileSync(more, typed);
  const program = ts.createProgram([join(folder, "password-reset.ts"), more], {
    strict: true,
    exactOptionalPropertyTypes: true,
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
