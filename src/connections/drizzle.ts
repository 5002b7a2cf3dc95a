import { assertFunction, UsageError } from "../check-options.js";
import type { SqlConnection, SqlDialect, SqlResult, SqlStatement, SqlValue } from "../ports.js";
import { guarded } from "./shared/guarded.js";
import { syncSqlite, type SyncSqlite } from "./shared/sync-sqlite.js";

export interface DrizzleDatabase {
  transaction(work: unknown, config?: unknown): any;
}

/**
 * A connection over a Drizzle database on PostgreSQL, MySQL, or SQLite. Its transaction handle is Drizzle's `tx`. On
 * better-sqlite3, it's the database itself, because Drizzle's transactions are synchronous there. On D1, use `d1`, since
 * Drizzle's transactions don't work there.
 */
export function drizzle(given: DrizzleDatabase): SqlConnection {
  assertFunction(given?.transaction, "drizzle's database", "pass what drizzle(client) returned");
  // With withReplicas(primary, replicas), always use the primary: a replica may not have a new token yet.
  const db = ((given as { $primary?: DrizzleDatabase }).$primary ?? given) as DrizzleDatabase;
  if (kindsOf((db as { session?: object }).session).includes("NeonHttpSession")) {
    throw new UsageError(
      "drizzle() received a database over neon-http, which has no transactions. Use drizzle-orm/neon-serverless, with a Pool of @neondatabase/serverless.",
    );
  }
  const dialect = dialectOf(db);
  if (dialect === "sqlite" && (db as SyncDrizzle).resultKind === "sync")
    return onSyncSqlite(db as SyncDrizzle);

  return guarded<any>({
    dialect,
    database: db,
    query: async (statement, values, handle) => run(handle ?? db, dialect, statement, values),
    // See mysql2 for why.
    transaction: (work) =>
      db.transaction(work, dialect === "mysql" ? { isolationLevel: "read committed" } : undefined),
  });
}

/** Drizzle's database over better-sqlite3. */
interface SyncDrizzle extends DrizzleDatabase {
  readonly resultKind?: "sync";
  readonly $client: SyncSqlite;
}

function onSyncSqlite(db: SyncDrizzle): SqlConnection {
  const inner = syncSqlite(db.$client);
  return { ...inner, database: db, transaction: (work) => inner.transaction(() => work(db)) };
}

async function run(
  db: any,
  dialect: SqlDialect,
  { text, rows }: SqlStatement,
  values: readonly SqlValue[],
): Promise<SqlResult> {
  const query = rawSql(text, values);
  if (dialect === "sqlite") {
    if (rows) return { rows: await db.all(query), changes: 0 };
    const report = await db.run(query);
    return { rows: [], changes: report.rowsAffected ?? report.changes };
  }
  const result = await db.execute(query);
  if (dialect === "mysql") {
    return rows ? { rows: result[0], changes: 0 } : { rows: [], changes: result[0].affectedRows };
  }
  // node-postgres returns an object, postgres.js an array with a count.
  if (Array.isArray(result))
    return { rows: [...result], changes: (result as unknown as { readonly count: number }).count };
  return { rows: result.rows, changes: result.rowCount ?? result.affectedRows ?? 0 };
}

/** Implements what Drizzle needs of an `sql` object, for a complete statement and its values. */
function rawSql(text: string, values: readonly SqlValue[]) {
  const query = { sql: text, params: [...values] };
  return {
    getSQL() {
      return this;
    },
    toQuery: () => query,
  };
}

function dialectOf(db: object): SqlDialect {
  for (const kind of kindsOf(db)) {
    if (kind === "PgDatabase") return "postgres";
    if (kind === "MySqlDatabase") return "mysql";
    if (kind === "BaseSQLiteDatabase") return "sqlite";
  }
  throw new UsageError(
    "drizzle() received an unsupported database object. Pass what drizzle(client) of drizzle-orm returned, for PostgreSQL, MySQL, or SQLite.",
  );
}

/** The names of an object's class and its base classes. Drizzle stores them in a property, so minifiers don't change them. */
function kindsOf(object: object | undefined): readonly string[] {
  const kind = Symbol.for("drizzle:entityKind");
  const kinds: string[] = [];
  for (let made = object?.constructor as any; made?.[kind]; made = Object.getPrototypeOf(made))
    kinds.push(made[kind]);
  return kinds;
}
