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
   * transaction mode with `max_prepared_statements = 0`. If you don't, preparing is turned off when the pooler first loses
   * a statement, with a warning in the log.
   *
   * @default true
   */
  readonly prepare?: boolean;
}

/** Pools that already have a listener: an application with a schema per tenant wraps one pool many times. */
const heard = new WeakSet<PgPool>();

/**
 * A connection over a `Pool` of pg. Its transaction handle is the `PoolClient`.
 *
 * If the server goes away, the pool and its clients emit `error`, which ends the process if there's no listener. So both
 * get one here. The queries that fail report the loss.
 *
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
      "pg() received a Client, which can't run several transactions at a time. Pass a Pool: new Pool({ connectionString }).",
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
        abandon: () => (lost = true),
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

/** PostgreSQL responds to `commit` with `ROLLBACK`, and without an error, if a statement of the transaction failed. */
function checkCommitted(command: string): void {
  if (command === "COMMIT") return;
  throw new Error(
    "PostgreSQL rolled the transaction back, because one of its statements had failed. Don't swallow errors in a callback that received its handle.",
  );
}
