import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { SqlConnection, SqlDialect } from "../ports.js";
import { guarded } from "./shared/guarded.js";

export interface PrismaRunner {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<any>;
  $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<number>;
}

export interface PrismaClient extends PrismaRunner {
  $transaction(work: (transaction: PrismaRunner) => Promise<unknown>, options?: unknown): Promise<any>;
}

export interface PrismaOptions {
  /**
   * Which kind of database it is.
   *
   * @default the one that the client was generated for
   */
  readonly dialect?: SqlDialect;
}

const dialects: Readonly<Record<string, SqlDialect>> = {
  postgresql: "postgres",
  postgres: "postgres",
  mysql: "mysql",
  sqlite: "sqlite",
};

/**
 * A connection over a `PrismaClient` on PostgreSQL, MySQL, MariaDB, or SQLite. Its transaction handle is Prisma's `tx`.
 * Prisma calls its raw methods "unsafe" because they take SQL text. resetkit's text is constant, and values are always
 * passed as parameters.
 *
 * The limit: Prisma rolls an interactive transaction back after 5 seconds, unless the client was created with
 * `transactionOptions`.
 */
export function prisma(client: PrismaClient, options: PrismaOptions = {}): SqlConnection<PrismaRunner> {
  assertFunction(client?.$queryRawUnsafe, "prisma's client", "pass what new PrismaClient() returned");
  assertKnownKeys(options, ["dialect"], "prisma");
  const dialect = options.dialect ?? dialectOf(client);
  if (!dialect) {
    throw new UsageError(
      `prisma() can't detect the client's database. Pass { dialect: "postgres" }, "mysql", or "sqlite".`,
    );
  }

  return guarded<PrismaRunner>({
    dialect,
    database: client,
    async query({ text, rows }, values, handle = client) {
      if (rows) return { rows: await handle.$queryRawUnsafe(text, ...values), changes: 0 };
      return { rows: [], changes: await handle.$executeRawUnsafe(text, ...values) };
    },
    // See mysql2 for why.
    transaction: (work) =>
      client.$transaction(work, dialect === "mysql" ? { isolationLevel: "ReadCommitted" } : undefined),
  });
}

/** The dialect that a client was generated for, or `undefined` if it isn't a known one. @internal */
export function dialectOf(client: object): SqlDialect | undefined {
  return dialects[(client as { readonly _activeProvider?: string })._activeProvider ?? ""];
}
