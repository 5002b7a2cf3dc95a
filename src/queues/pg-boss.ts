import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import type { IntentKind, QueuedEntry, QueueEntry, RequestQueue, SqlConnection, SqlValue } from "../ports.js";

/** A `PgBoss`, started. */
export interface PgBoss {
  send(name: string, data: object, options: unknown): Promise<string | null>;
  insert(jobs: unknown[], options: unknown): Promise<unknown>;
  deleteJob(name: string, ids: string[], options: unknown): Promise<any>;
  getJobById(name: string, id: string, options: unknown): Promise<PgBossJob | null>;
}

export interface PgBossJob {
  id: string;
  data: object;
}

export interface PgBossQueueOptions {
  /**
   * The name of the pg-boss queue, created with `boss.createQueue`.
   *
   * @default "resetkit"
   */
  readonly name?: string;
  /**
   * The schema of pg-boss's tables: what was passed to `new PgBoss({ schema })`.
   *
   * @default "pgboss"
   */
  readonly schema?: string;
}

/** What a job holds. */
interface Kept {
  readonly sealed: string;
  readonly addedAt: number;
  readonly dueAt: number;
  readonly kind?: IntentKind | undefined;
  readonly keyId?: string | undefined;
  readonly attempts?: number;
  readonly failure?: string;
}

/**
 * Days. pg-boss archives jobs that weren't fetched for 14 days, or sooner if it's configured to; what must follow a
 * changed password has no deadline.
 */
const keptFor = 36_500;

/**
 * The queue on pg-boss 10, over `pg(pool)` on the same database. pg-boss makes the statements that change jobs, this file
 * those that read them, and all run on this connection: so an entry joins the transaction of `users.lock` if `sqlStore`
 * has the same pool.
 *
 * A lease is a delay: a leased job is put back in the same transaction, due at the end of its lease
 * (`docs/decisions/070-a-lease-is-a-delay.md`). No job is ever active, so pg-boss needn't supervise. Jobs are kept for
 * 100 years or until they're done, whatever pg-boss's own retention is.
 *
 * Limits: pg-boss uses the clock of PostgreSQL, so `clock` must be the real one. What has been due for longest goes
 * first, to the second. `stats` and `list` read every job of the queue.
 *
 * @throws {TypeError} If `boss` isn't a pg-boss, or `connection` doesn't reach PostgreSQL. `add` rejects if the queue
 * wasn't created.
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
    throw new UsageError(
      "pgBossQueue needs a connection to PostgreSQL. Pass pg(pool) as its second argument.",
    );
  }
  assertKnownKeys(options, ["name", "schema"], "pgBossQueue");
  const { name = "resetkit", schema = "pgboss" } = options;
  if (!/^[A-Za-z_]\w{0,62}$/.test(schema)) {
    throw new UsageError(
      `pgBossQueue({ schema }) is ${JSON.stringify(schema)}. Pass the name that new PgBoss({ schema }) was given: letters, digits and "_".`,
    );
  }
  const waiting = `from ${schema}.job where name = $1 and state < 'active'`;

  /** Makes pg-boss run its statements in a transaction, or outside of any. */
  const on = (handle?: unknown) => ({
    db: {
      executeSql: (text: string, values: unknown[]) =>
        connection.query({ text, rows: true }, values as SqlValue[], handle),
    },
  });
  const inTransaction = connection.transaction;

  async function putBack(jobs: readonly PgBossJob[], at: number, handle: unknown): Promise<void> {
    const keepUntil = new Date(Date.now() + keptFor * 86_400_000).toISOString();
    const put = jobs.map(({ id, data }) => ({
      id,
      name,
      ...due(at),
      keepUntil,
      data: { ...data, dueAt: at },
    }));
    await boss.insert(put, on(handle));
  }

  /** Runs a statement of our own, of which `$1` is the queue's name. */
  const read = async (text: string, values: readonly SqlValue[] = [], handle?: unknown) =>
    (await connection.query({ text, rows: true }, [name, ...values], handle)).rows as any[];

  /** Locks what's due and has one of the key ids, or none. */
  const lockDue = (limit: number, keyIds: readonly string[] | undefined, handle: unknown) =>
    read(
      `select id, data ${waiting} and start_after <= now()
        and ($2::jsonb is null or coalesce($2::jsonb ? (data->>'keyId'), true))
        order by priority desc, created_on, id limit $3 for update skip locked`,
      [keyIds ? JSON.stringify(keyIds) : null, limit],
      handle,
    ) as Promise<PgBossJob[]>;

  return {
    database: connection.database,

    async add({ id, sealed, addedAt, dueAt, kind, keyId }, context) {
      const kept: Kept = { sealed: base64url(sealed), addedAt, dueAt, kind, keyId };
      const how = on(context?.transaction);
      if (await boss.send(name, kept, { id, ...due(dueAt), retentionDays: keptFor, ...how })) return;
      throw new Error(
        (await boss.getJobById(name, id, how))
          ? `pg-boss already has a job with the id ${id}.`
          : `pg-boss has no queue "${name}". Call await boss.createQueue("${name}") after boss.start().`,
      );
    },

    lease: (limit, _now, until, keyIds) =>
      inTransaction(async (handle) => {
        const jobs = await lockDue(limit, keyIds, handle);
        if (jobs.length === 0) return [];
        await boss.deleteJob(name, jobs.map(idOf), on(handle));
        await putBack(jobs, until, handle);
        return jobs.map(readEntry).sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1));
      }),

    async done(id, context) {
      const how = on(context?.transaction);
      // A concurrent lease replaces the row, so a deletion that waited for it deletes nothing.
      do {
        if ((await boss.deleteJob(name, [id], how)).affected > 0) return;
      } while (await boss.getJobById(name, id, how));
    },

    retry: (id, at, failure) =>
      inTransaction(async (handle) => {
        const job = await boss.getJobById(name, id, on(handle));
        // None is deleted if another worker put it back at the same moment: then that worker has the lease.
        const { affected } = await boss.deleteJob(name, [id], on(handle));
        if (!job || affected !== 1) return;
        const { attempts = 0 } = job.data as Kept;
        const data = failure === undefined ? job.data : { ...job.data, failure, attempts: attempts + 1 };
        await putBack([{ id, data }], at, handle);
      }),

    async removeExpired(before, limit) {
      const over = await read(
        `select id ${waiting} and data->>'kind' = 'request' and (data->>'addedAt')::numeric < $2 limit $3`,
        [before, limit],
      );
      if (over.length === 0) return 0;
      return (await boss.deleteJob(name, over.map(idOf), on())).affected;
    },

    async stats(now, keyIds) {
      const [found] = await read(
        `select count(*) filter (where is_due) as waiting, min(added_at) filter (where is_due) as oldest,
          count(*) filter (where not $3::jsonb ? key_id) as foreign_count
        from (select (data->>'dueAt')::numeric <= $2 as is_due, (data->>'addedAt')::numeric as added_at,
          data->>'keyId' as key_id ${waiting}) as jobs`,
        [now, keyIds ? JSON.stringify(keyIds) : null],
      );
      return {
        waiting: Number(found.waiting),
        oldestAt: found.oldest === null ? undefined : Number(found.oldest),
        foreign: Number(found.foreign_count),
      };
    },

    async list({ after = "", limit }) {
      const found = await read(
        `select id, data ${waiting} and replace(id::text, '-', '') > $2 order by id limit $3`,
        [after, limit],
      );
      return (found as PgBossJob[]).map(readQueued);
    },
  };
}

/** When pg-boss hands out a job, by its own clock, and before which others. */
function due(at: number): { startAfter: string; priority: number } {
  const seconds = Math.max(0, at - Date.now()) / 1_000;
  // Its priorities have 32 bits: seconds since 2020 fit until 2088.
  return { startAfter: seconds.toFixed(3), priority: Math.round((Date.UTC(2020) - at) / 1_000) };
}

const idOf = ({ id }: PgBossJob) => id;

function readEntry(job: PgBossJob): QueueEntry {
  const { sealed, addedAt, dueAt, kind, keyId } = job.data as Kept;
  return { id: entryId(job), sealed: fromBase64url(sealed) ?? new Uint8Array(), addedAt, dueAt, kind, keyId };
}

function readQueued(job: PgBossJob): QueuedEntry {
  const { addedAt, dueAt, kind, keyId, attempts = 0, failure } = job.data as Kept;
  return { id: entryId(job), addedAt, dueAt, kind, keyId, attempts, failure };
}

/** PostgreSQL writes ids as UUIDs. */
function entryId({ id }: PgBossJob): string {
  return id.replaceAll("-", "");
}
