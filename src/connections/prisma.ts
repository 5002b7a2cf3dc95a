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
  /** Default: what the client was generated for. */
  readonly dialect?: SqlDialect;
}

const dialects: Readonly<Record<string, SqlDialect>> = {
  postgresql: "postgres",
  postgres: "postgres",
  mysql: "mysql",
  sqlite: "sqlite",
};

/**
 * A connection over a `PrismaClient` on PostgreSQL, MySQL, MariaDB or SQLite. The handle of its transactions
 * is Prisma's `tx`. (The methods are called "unsafe" since they take text; ours is fixed, and values travel
 * apart from it.)
 *
 * The limit: Prisma ends an interactive transaction after five seconds, and then rolls it back, unless the
 * client was made with `transactionOptions`.
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
