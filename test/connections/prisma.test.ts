import { Pool, type PoolClient } from "pg";
import { describe, expect, it } from "vitest";
import { prisma, type PrismaClient, type PrismaRunner } from "resetkit/connections/prisma";
import { connectionSuite } from "resetkit/testing";
import { postgres } from "../servers/postgres.js";
import { sqlSuite } from "../servers/sql-suite.js";

const connectionString = await postgres();

/**
 * A double of Prisma 7 over pg, since Prisma itself would be 300 MB of packages for this file. What it copies
 * was seen on Prisma 7.10: 64-bit integers come as bigints, bytes as Uint8Arrays, `void` as an error, and
 * the driver's error deep within its own.
 */
function double(pool: Pool): PrismaClient & { readonly _activeProvider: string } {
  return {
    _activeProvider: "postgresql",
    ...runner(pool),
    async $transaction(work) {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const result = await work(runner(client));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

function runner(client: Pool | PoolClient): PrismaRunner {
  const send = async (text: string, values: unknown[]) => {
    try {
      return await client.query(text, values);
    } catch (error) {
      const cause = { originalCode: (error as { code: string }).code };
      throw Object.assign(new Error("Raw query failed."), {
        code: "P2010",
        meta: { driverAdapterError: Object.assign(new Error("DriverAdapterError"), { cause }) },
      });
    }
  };
  return {
    async $queryRawUnsafe(text, ...values) {
      const { rows, fields } = await send(text, values);
      const kinds = new Map(fields.map(({ name, dataTypeID }) => [name, dataTypeID]));
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, given(value, kinds.get(key)!)])),
      );
    },
    async $executeRawUnsafe(text, ...values) {
      return (await send(text, values)).rowCount ?? 0;
    },
  };
}

/** By PostgreSQL's numbers of types: 20 is int8, 2278 is void. */
function given(value: unknown, type: number): unknown {
  if (type === 2278) throw new Error("Failed to deserialize column of type 'void'.");
  if (type === 20) return value === null ? null : BigInt(value as string);
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}

sqlSuite("PostgreSQL, by a double of Prisma", async () => {
  const pool = new Pool({ connectionString });
  return { connection: prisma(double(pool)), close: () => pool.end() };
});

connectionSuite({ describe, it }, "a double of Prisma", (max) => {
  const pool = new Pool({ connectionString, max });
  const client = double(pool);
  return {
    connection: prisma(client),
    driver: (text) => client.$queryRawUnsafe(text),
    close: () => pool.end(),
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
