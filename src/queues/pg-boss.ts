import { assertFunction, assertKnownKeys } from "../check-options.js";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import type { QueueEntry, RequestQueue, SqlConnection, SqlValue } from "../types.js";

/** A `PgBoss`, started. */
export interface PgBoss {
  send(name: string, data: object, options: any): Promise<string | null>;
  insert(jobs: any[], options: any): Promise<unknown>;
  fetch(name: string, options: any): Promise<PgBossJob[]>;
  deleteJob(name: string, ids: string[], options: any): Promise<any>;
  getJobById(name: string, id: string, options: any): Promise<PgBossJob | null>;
}

export interface PgBossJob {
  id: string;
  data: any;
}

export interface PgBossQueueOptions {
  /** The queue of pg-boss, made with `boss.createQueue`. Default `"resetkit"`. */
  readonly name?: string;
}

/** What a job holds. */
interface Kept {
  readonly sealed: string;
  readonly addedAt: number;
  readonly dueAt: number;
}

/** pg-boss puts jobs that nobody fetched into its archive after 14 days, or sooner where it is told to. */
const keptFor = 30 * 86_400_000;

/**
 * The queue on pg-boss 10, over `pg(pool)` on the same database. pg-boss gives the statements; they run on
 * this connection, so an entry joins the transaction of `users.lock` where `sqlStore` has the same pool.
 *
 * A lease is a delay: what is fetched is put back, in the same transaction, to be due at the end of the lease
 * (`docs/decisions/070-a-lease-is-a-delay.md`). No job is ever active, so pg-boss need not supervise.
 *
 * The limit: pg-boss goes by the clock of PostgreSQL, so `clock` must be the real one. What has been due for
 * longest goes first to the second.
 *
 * Throws a `TypeError` for what is no pg-boss and no connection to PostgreSQL. `add` rejects where the queue was
 * not created.
 *
 * @example
 * const boss = await new PgBoss(process.env.DATABASE_URL).start();
 * await boss.createQueue("resetkit");
 * const store = { ...sqlStore(pg(pool)), queue: pgBossQueue(boss, pg(pool)) };
 */
export function pgBossQueue(
  boss: PgBoss,
  connection: SqlConnection,
  options: PgBossQueueOptions = {},
): RequestQueue {
  assertFunction(boss?.getJobById, "pgBossQueue's boss", "pass new PgBoss(url), started");
  if (connection?.dialect !== "postgres" || !connection.transaction) {
    throw new TypeError("pgBossQueue got no connection to PostgreSQL: pass pg(pool) as its second argument.");
  }
  assertKnownKeys(options, ["name"], "pgBossQueue");
  const { name = "resetkit" } = options;

  /** Makes pg-boss run its statements in a transaction, or outside of any. */
  const on = (handle?: unknown) => ({
    db: {
      executeSql: (text: string, values: unknown[]) =>
        connection.query({ text, rows: true }, values as SqlValue[], handle),
    },
  });
  const inTransaction = connection.transaction;

  async function putBack(jobs: readonly PgBossJob[], at: number, handle: unknown): Promise<void> {
    const keepUntil = new Date(Date.now() + keptFor).toISOString();
    const put = jobs.map(({ id, data }) => ({
      id,
      name,
      ...due(at),
      keepUntil,
      data: { ...data, dueAt: at },
    }));
    await boss.insert(put, on(handle));
  }

  /** Fetches jobs, due or not, in a transaction that is taken back. */
  async function look(batchSize: number): Promise<PgBossJob[]> {
    let jobs: PgBossJob[] = [];
    const takenBack = new Error("taken back");
    const looking = inTransaction(async (handle) => {
      jobs = await boss.fetch(name, { batchSize, ignoreStartAfter: true, ...on(handle) });
      throw takenBack;
    });
    await looking.catch((error) => {
      if (error !== takenBack) throw error;
    });
    return jobs;
  }

  return {
    database: connection.database,

    async add({ id, sealed, addedAt, dueAt }, context) {
      const kept: Kept = { sealed: base64url(sealed), addedAt, dueAt };
      const how = { id, ...due(dueAt), retentionDays: keptFor / 86_400_000, ...on(context?.transaction) };
      if (await boss.send(name, kept, how)) return;
      throw new Error(
        `pg-boss has no queue "${name}": call await boss.createQueue("${name}") once it is started.`,
      );
    },

    lease: (limit, _now, until) =>
      inTransaction(async (handle) => {
        const jobs = await boss.fetch(name, { batchSize: limit, ...on(handle) });
        if (jobs.length === 0) return [];
        await boss.deleteJob(name, jobs.map(idOf), on(handle));
        await putBack(jobs, until, handle);
        return jobs.map(readEntry).sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
      }),

    async done(id, context) {
      const how = on(context?.transaction);
      // A lease that holds the row puts another in its place, and the deletion that waited for it finds none.
      do {
        if ((await boss.deleteJob(name, [id], how)).affected > 0) return;
      } while (await boss.getJobById(name, id, how));
    },

    retry: (id, at) =>
      inTransaction(async (handle) => {
        const job = await boss.getJobById(name, id, on(handle));
        // None is deleted where another worker put it back at the same moment: then the lease is his.
        const { affected } = await boss.deleteJob(name, [id], on(handle));
        if (job && affected === 1) await putBack([job], at, handle);
      }),

    async removeExpired(before, limit) {
      const over = (await look(limit)).filter(({ data }) => (data as Kept).addedAt < before);
      if (over.length === 0) return 0;
      return (await boss.deleteJob(name, over.map(idOf), on())).affected;
    },
  };
}

/** When pg-boss hands a job out, by its own clock, and before which others. */
function due(at: number): { startAfter: string; priority: number } {
  const seconds = Math.max(0, at - Date.now()) / 1_000;
  // Its priorities have 32 bits: seconds since 2020 fit until 2088.
  return { startAfter: seconds.toFixed(3), priority: Math.round((Date.UTC(2020) - at) / 1_000) };
}

const idOf = ({ id }: PgBossJob) => id;

function readEntry({ id, data }: PgBossJob): QueueEntry {
  const { sealed, addedAt, dueAt } = data as Kept;
  return { id: id.replaceAll("-", ""), sealed: fromBase64url(sealed)!, addedAt, dueAt };
}
