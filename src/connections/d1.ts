import { assertFunction } from "../check-options.js";
import type { SqlConnection } from "../ports.js";

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
 * A connection over Cloudflare D1, as `env.DB`.
 *
 * The limit: D1 has no interactive transactions, so the store has none, and `users.lock` is refused. Each
 * verb is atomic all the same, and a confirm goes the way without a lock.
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
