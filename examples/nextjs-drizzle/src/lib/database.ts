import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import { Pool } from "pg";

const shared = globalThis as { db?: NodePgDatabase };

/** One pool for all. Next.js loads this file more than once, and `next build` loads it without a database. */
export const database = () =>
  (shared.db ??= drizzle(new Pool({ connectionString: process.env.DATABASE_URL })));
