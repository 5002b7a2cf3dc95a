import { assertFunction, UsageError } from "../check-options.js";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import type { IntentKind, QueuedEntry, QueueEntry, RequestQueue } from "../ports.js";

/** A `Queue` of BullMQ. */
export interface BullmqQueue {
  add(name: unknown, data: unknown, options: unknown): Promise<unknown>;
  getJob(id: string): Promise<BullmqJob | undefined>;
  getJobs(types: unknown, start: number, end: number, asc: boolean): Promise<(BullmqJob | undefined)[]>;
  getRanges(types: unknown, start: number, end: number, asc: boolean): Promise<string[]>;
  getJobCountByTypes(...types: unknown[]): Promise<number>;
  remove(id: string): Promise<number>;
}

/** A `Worker` of BullMQ, created without a processor. */
export interface BullmqWorker {
  getNextJob(token: string, options?: unknown): Promise<BullmqJob | undefined>;
  startStalledCheckTimer(): Promise<void>;
}

export interface BullmqJob {
  id?: string | undefined;
  data: object;
  changeDelay(delay: number): Promise<void>;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
  updateData(data: unknown): Promise<void>;
}

/** A job that is in the queue, where each has an id. */
interface StoredJob extends BullmqJob {
  id: string;
}

/** What a job holds. BullMQ counts attempts of its own, but our jobs never fail there. */
interface Kept {
  readonly sealed: string;
  readonly addedAt: number;
  readonly dueAt: number;
  readonly kind?: IntentKind | undefined;
  readonly keyId?: string | undefined;
  readonly attempts?: number;
  readonly failure?: string;
}

const waiting = ["wait", "paused"];
/** A job is active for the moment between being taken and being put back. */
const everywhere = [...waiting, "delayed", "active"];

/** How many jobs of a list `stats` reads, and `removeExpired` reads at a time. */
const sample = 1_000;

/**
 * The queue on BullMQ 5 or 6: a `Queue`, and a `Worker` of the same name that has no processor
 * (`new Worker(name, null, { connection })`). A process that only takes requests can do without the worker.
 *
 * A lease is a delay: a leased job goes back immediately, due at the end of its lease
 * (`docs/decisions/070-a-lease-is-a-delay.md`). If a process dies between the two steps, BullMQ's check for stalled
 * jobs finds the job after `lockDuration` and up to two `stalledInterval`s. BullMQ removes completed and failed jobs
 * only, and ours are never either, so entries stay until they're done.
 *
 * Limits:
 * - BullMQ uses the clock of each process. `clock` must be the real one, and the machines must agree.
 * - Redis has no transaction with a users' database, so `users.lock` can't be used with it.
 * - BullMQ can't filter, so `lease` ignores key ids. Give each application a queue name of its own.
 * - An id that already exists is rejected, unless both are added at the same moment: then the first one stays.
 * - `stats` reads the first 1,000 waiting jobs and the first 1,000 delayed ones: `oldestAt` and `foreign` cover only
 *   those.
 * - `list` reads all ids for each page, since BullMQ keeps jobs in the order in which they are due.
 *
 * @throws {TypeError} If the queue or the worker isn't one. `lease` rejects if there's no worker.
 * @example
 * const connection = { url: process.env.REDIS_URL };
 * const queue = bullmqQueue(
 *   new Queue("resetkit", { connection }),
 *   new Worker("resetkit", null, { connection, stalledInterval: 5_000, maxStalledCount: 1_000 }),
 * );
 */
export function bullmqQueue(queue: BullmqQueue, worker?: BullmqWorker): RequestQueue {
  assertFunction(queue?.getJob, "bullmqQueue's queue", "pass new Queue(name, { connection }) of bullmq");
  if (worker !== undefined) {
    const fix = "pass new Worker(name, null, { connection }) of bullmq, or leave it out";
    assertFunction(worker?.getNextJob, "bullmqQueue's worker", fix);
  }
  const token = crypto.randomUUID();
  let watching: Promise<void> | undefined;

  const read = async (types: readonly string[], start = 0) => {
    const jobs = await queue.getJobs(types, start, start + sample - 1, true);
    return jobs.filter(isStored);
  };

  return {
    async add({ id, sealed, addedAt, dueAt, kind, keyId }, context) {
      refuseTransaction(context?.transaction);
      // BullMQ silently takes a second job with an id for the first one.
      if (await queue.getJob(id)) throw new Error(`BullMQ already has a job with the id ${id}.`);
      const kept: Kept = { sealed: base64url(sealed), addedAt, dueAt, kind, keyId };
      const delay = Math.max(0, dueAt - addedAt);
      const options = { jobId: id, timestamp: addedAt, delay, priority: 0, lifo: false, removeOnFail: false };
      await queue.add("intent", kept, options);
    },

    async lease(limit, _now, until) {
      if (!worker) {
        throw new UsageError(
          "bullmqQueue has no worker to take jobs with. Pass new Worker(name, null, { connection }) as its second argument.",
        );
      }
      await (watching ??= worker.startStalledCheckTimer());
      const leased: QueueEntry[] = [];
      while (leased.length < limit) {
        const job = await worker.getNextJob(token, { block: false });
        if (!isStored(job)) break;
        const entry = readEntry(job);
        await Promise.all([job.updateData({ ...job.data, dueAt: until }), job.moveToDelayed(until, token)]);
        leased.push(entry);
      }
      return leased;
    },

    async done(id, context) {
      refuseTransaction(context?.transaction);
      if ((await queue.remove(id)) === 1) return;
      throw new Error("Another worker is taking this job right now, so it can't be removed from BullMQ.");
    },

    async retry(id, at, failure) {
      const job = await queue.getJob(id);
      if (!job) return;
      const kept = job.data as Kept;
      const failed = failure === undefined ? {} : { failure, attempts: (kept.attempts ?? 0) + 1 };
      await Promise.all([
        job.updateData({ ...kept, ...failed, dueAt: at }).catch(passOverGone),
        job.changeDelay(Math.max(0, at - Date.now())).catch(passOverGone),
      ]);
    },

    async removeExpired(before, limit) {
      const seen = new Set<string>();
      const over: string[] = [];
      // Both lists begin with what has been due for longest, and a request is never put off for long.
      for (let start = 0; over.length < limit; start += sample) {
        const old = (await read([...waiting, "delayed"], start)).filter(
          ({ id, data }) => !seen.has(id) && (data as Kept).addedAt < before,
        );
        if (old.length === 0) break;
        for (const { id, data } of old) {
          // Beyond the end of a list, some versions return its last job again.
          seen.add(id);
          if ((data as Kept).kind === "request") over.push(id);
        }
      }
      const codes = await Promise.all(over.slice(0, limit).map((id) => queue.remove(id)));
      return codes.filter((code) => code === 1).length;
    },

    async stats(now, keyIds) {
      const [count, ready, delayed] = await Promise.all([
        queue.getJobCountByTypes(...waiting),
        read(waiting),
        read(["delayed"]),
      ]);
      // A delayed job that is due stays in its list until a worker looks for work.
      const due = delayed.filter(({ data }) => (data as Kept).dueAt <= now);
      const times = [...ready, ...due].map(({ data }) => (data as Kept).addedAt);
      const isForeign = ({ data }: BullmqJob) => {
        const { keyId } = data as Kept;
        return keyId !== undefined && keyIds !== undefined && !keyIds.includes(keyId);
      };
      return {
        waiting: count + due.length,
        oldestAt: times.length === 0 ? undefined : Math.min(...times),
        foreign: [...ready, ...delayed].filter(isForeign).length,
      };
    },

    async list({ after = "", limit }) {
      const ids = (await queue.getRanges(everywhere, 0, -1, false)).filter((id) => id > after).sort();
      const jobs = await Promise.all(ids.slice(0, limit).map((id) => queue.getJob(id)));
      return jobs.filter(isStored).map(readQueued);
    },
  };
}

function isStored(job: BullmqJob | undefined): job is StoredJob {
  return job?.id !== undefined;
}

function readEntry({ id, data }: StoredJob): QueueEntry {
  const { sealed, addedAt, dueAt, kind, keyId } = data as Kept;
  return { id, sealed: fromBase64url(sealed) ?? new Uint8Array(), addedAt, dueAt, kind, keyId };
}

function readQueued({ id, data }: StoredJob): QueuedEntry {
  const { addedAt, dueAt, kind, keyId, attempts = 0, failure } = data as Kept;
  return { id, addedAt, dueAt, kind, keyId, attempts, failure };
}

function refuseTransaction(transaction: unknown): void {
  if (transaction === undefined) return;
  throw new UsageError(
    "bullmqQueue can't join a database transaction. Leave users.lock out, or keep the queue in sqlStore(…) or pgBossQueue(…).",
  );
}

/**
 * BullMQ's codes for a job that is gone (-1), or due already and no longer delayed (-3): another worker takes care of
 * it.
 */
function passOverGone(error: unknown): void {
  const { code } = error as { code?: unknown };
  if (code !== -1 && code !== -3) throw error;
}
