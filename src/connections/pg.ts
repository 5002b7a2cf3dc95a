import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { guarded } from "./shared/guarded.js";
import { preparedUnless } from "./shared/prepared.js";
import { runTransaction } from "./shared/transaction.js";

export interface PgPool {
  connect(): Promise<PgClient>;
  query(config: PgQuery): Promise<PgResult>;
  on?(event: "error", listener: (error: unknown) => void): unknown;
}

export interface PgClient {
  query(config: PgQuery): Promise<PgResult>;
  release(lost?: unknown): void;
  on?(event: "error", listener: (error: unknown) => void): unknown;
  removeListener?(event: "error", listener: (error: unknown) => void): unknown;
}

export interface PgQuery {
  text: string;
  values?: unknown[];
  name?: string;
}

export interface PgResult {
  readonly rows: any[];
  readonly rowCount: number | null;
  readonly command: string;
}

export interface PgOptions {
  /**
   * Prepares statements once per session, by name. Pass false behind a pooler that doesn't keep them, such as PgBouncer in
   * transaction mode with `max_prepared_statements = 0`. Otherwise it's found out by the first that is lost.
   *
   * @default true
   */
  readonly prepare?: boolean;
}

/** Pools that have a listener: an application with a schema for each tenant wraps one pool many times. */
const heard = new WeakSet<PgPool>();

/**
 * A connection over a `Pool` of pg. The handle of its transactions is the `PoolClient`.
 *
 * A server that goes away makes pool and clients emit `error`, and an `error` without a listener ends the
 * process; so both get one here. What the loss means is told by the queries that fail.
 * @example
 * ```ts
 * const connection = pg(new Pool({ connectionString: process.env.DATABASE_URL }));
 * ```
 */
export function pg(pool: PgPool, options: PgOptions = {}): SqlConnection<PgClient> {
  assertFunction(pool?.connect, "pg's pool", "pass a Pool: new Pool({ connectionString })");
  assertFunction(pool.query, "pg's pool", "pass a Pool: new Pool({ connectionString })");
  if ("release" in pool || ("connectionParameters" in pool && !("totalCount" in pool))) {
    throw new UsageError(
      "pg got a Client, and needs a Pool: one client can't run several transactions. Pass new Pool({ connectionString }).",
    );
  }
  assertKnownKeys(options, ["prepare"], "pg");
  const prepared = preparedUnless(options.prepare === false, "pg(pool, { prepare: false })");
  if (!heard.has(pool)) pool.on?.("error", () => undefined);
  heard.add(pool);

  return guarded<PgClient>({
    dialect: "postgres",
    database: pool,
    async query({ text, name }, values, handle) {
      const send = () => {
        const config: PgQuery = { text, values: [...values] };
        if (prepared.isOn && name !== undefined) config.name = name;
        return (handle ?? pool).query(config);
      };
      const { rows, rowCount } = await prepared.run(send, handle !== undefined);
      return { rows, changes: rowCount ?? 0 };
    },
    async transaction(work) {
      const client = await pool.connect();
      let lost: unknown;
      const noteLoss = (error: unknown) => (lost = error);
      client.on?.("error", noteLoss);
      const run = (text: string) => client.query({ text });
      const bracket = {
        begin: () => run("begin"),
        commit: async () => checkCommitted((await run("commit")).command),
        rollback: () => run("rollback").catch(noteLoss),
      };
      try {
        return await runTransaction(bracket, () => work(client));
      } finally {
        client.removeListener?.("error", noteLoss);
        client.release(lost);
      }
    },
  });
}

/** PostgreSQL answers `commit` with `ROLLBACK`, and with no error, where a statement of the transaction failed. */
function checkCommitted(command: string): void {
  if (command === "COMMIT") return;
  throw new Error(
    "PostgreSQL rolled the transaction back, because one of its statements had failed. Don't swallow errors in a callback that received its handle.",
  );
}
