import { describe, expect, it } from "vitest";
import { prisma } from "resetkit/connections/prisma";
import { connectionSuite } from "resetkit/testing";
import { postgres } from "../servers/postgres.js";
import { prismaClient, prismaExample } from "../servers/prisma.js";
import { sqlSuite } from "../servers/sql-suite.js";

const [connectionString, folder] = await Promise.all([postgres(), prismaExample()]);
const makeClient = await prismaClient(folder);

sqlSuite("PostgreSQL, by Prisma 7", async () => {
  const client = makeClient(connectionString);
  return { connection: prisma(client), close: () => client.$disconnect() };
});

connectionSuite({ describe, it }, "Prisma 7", (max) => {
  const client = makeClient(connectionString, max);
  return {
    connection: prisma(client),
    driver: (text) => client.$queryRawUnsafe(text),
    close: () => client.$disconnect(),
  };
});

describe("prisma", () => {
  it("refuses what is no client, and a client that hides its database, with the fix", () => {
    expect(() => prisma(undefined as never)).toThrow(/pass what new PrismaClient\(\) returned/);
    const silent = { $queryRawUnsafe() {}, $executeRawUnsafe() {}, $transaction() {} } as never;
    expect(() => prisma(silent)).toThrow(/Pass \{ dialect: "postgres" \}/);
    expect(prisma(silent, { dialect: "mysql" }).dialect).toBe("mysql");
  });
});
