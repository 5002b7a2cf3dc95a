import { describe, expect, it } from "vitest";
import { prisma } from "resetkit/connections/prisma";
import { postgres } from "../servers/postgres.js";
import { prismaClient, prismaExample } from "../servers/prisma.js";
import { sqlSuite } from "../servers/sql-suite.js";

const connect = await prismaClient(await prismaExample());
const url = await postgres();

sqlSuite("PostgreSQL, by Prisma", async () => {
  const client = connect(url);
  return { connection: prisma(client), close: () => client.$disconnect() };
});

describe("prisma", () => {
  it("refuses what is no client, and a client that does not tell its database, with the fix", () => {
    const nameless = { $queryRawUnsafe: async () => [], $executeRawUnsafe: async () => 0, $transaction() {} };
    expect(() => prisma(undefined as never)).toThrow(/pass what new PrismaClient\(\) made/);
    expect(() => prisma(nameless as never)).toThrow(/pass \{ dialect: "postgres" \}/);
    expect(prisma(nameless as never, { dialect: "sqlite" }).dialect).toBe("sqlite");
  });
});
