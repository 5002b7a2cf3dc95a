import { assertFunction } from "../check-options.js";
import type { SqlConnection } from "../ports.js";

/** The part of Cloudflare's `D1Database` that the connection uses. */
export interface D1Database {
  prepare(text: string): {
    bind(...values: unknown[]): {
      all(): Promise<{
        readonly results: Readonly<Record<string, unknown>>[];
        readonly meta: { readonly changes?: unknown };
      }>;
    };
  };
}

/**
 * A connection over a Cloudflare D1 binding, such as `env.DB`.
 *
 * The limit: D1 has no interactive transactions, so neither has the store, and `users.lock` is rejected. Each method of
 * the store is still atomic, and `confirm` works without a lock.
 */
export function d1(db: D1Database): SqlConnection<never> {
  assertFunction(db?.prepare, "d1's database", "pass the binding, such as env.DB");
  return {
    dialect: "sqlite",
    database: db,
    async query({ text }, values) {
      const { results, meta } = await db
        .prepare(text)
        .bind(...values)
        .all();
      return { rows: results, changes: Number(meta.changes ?? 0) };
    },
  };
}
