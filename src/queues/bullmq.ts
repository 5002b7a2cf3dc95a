import { assertFunction } from "../check-options.js";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import type { QueueEntry, RequestQueue } from "../types.js";

/** A `Queue` of BullMQ. */
export interface BullmqQueue {
  add(name: any, data: any, options: any): Promise<unknown>;
  getJob(id: string): Promise<BullmqJob | undefined>;
  getJobs(types: any, start: number, end: number, asc: boolean): Promise<(BullmqJob | undefined)[]>;
  remove(id: string): Promise<number>;
}

/** A `Worker` of BullMQ, made without a processor. */
export interface BullmqWorker {
  getNextJob(token: string, options?: any): Promise<BullmqJob | undefined>;
  startStalledCheckTimer(): Promise<void>;
}

export interface BullmqJob {
  id?: string | undefined;
  data: any;
  changeDelay(delay: number): Promise<void>;
  moveToDelayed(timestamp: number, token?: string): Promise<void>;
}

/** What a job holds. */
interface Kept {
  readonly sealed: string;
  readonly addedAt: number;
  readonly dueAt: number;
}

/**
 * The queue on BullMQ 5 or 6, over a `Queue` of its own and a `Worker` of the same name that has no processor
 * (`new Worker(name, null, { connection })`). A process that only takes requests leaves the worker out.
 *
 * A lease is a delay: a job that is handed out goes back, in the same breath, to be due at the end of the lease
 * (`docs/decisions/070-a-lease-is-a-delay.md`). A process that dies between the two leaves it to BullMQ's check
 * for stalled jobs, after `lockDuration` and up to two `stalledInterval`s of the worker.
 *
 * The limits: BullMQ goes by the clock of each process, so `clock` must be the real one and the machines must
 * agree. Redis has no transaction with a database of users, so `users.lock` cannot be used with it.
 *
 * Throws a `TypeError` for what is no queue or no worker. `lease` rejects where there is no worker.
 *
 * @example
 * const connection = { url: process.env.REDIS_URL };
 * const queue = bullmqQueue(
 *   new Queue("resetkit", { connection }),
 *   new Worker("resetkit", null, { connection, stalledInterval: 5_000 }),
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

  return {
    async add({ id, sealed, addedAt, dueAt }, context) {
      refuseTransaction(context?.transaction);
      const kept: Kept = { sealed: base64url(sealed), addedAt, dueAt };
      const delay = Math.max(0, dueAt - addedAt);
      await queue.add("intent", kept, { jobId: id, timestamp: addedAt, delay, priority: 0, lifo: false });
    },

    async lease(limit, _now, until) {
      if (!worker) {
        throw new TypeError(
          "bullmqQueue has no worker to take jobs with: pass new Worker(name, null, { connection }) as its second argument.",
        );
      }
      await (watching ??= worker.startStalledCheckTimer());
      const leased: QueueEntry[] = [];
      while (leased.length < limit) {
        const job = await worker.getNextJob(token, { block: false });
        if (!job) break;
        await job.moveToDelayed(until, token);
        leased.push(readEntry(job));
      }
      return leased;
    },

    async done(id, context) {
      refuseTransaction(context?.transaction);
      if ((await queue.remove(id)) === 1) return;
      throw new Error("A job is just being handed out to another worker, and cannot be taken out of BullMQ.");
    },

    async retry(id, at) {
      const job = await queue.getJob(id);
      await job?.changeDelay(Math.max(0, at - Date.now())).catch(passOverGone);
    },

    async removeExpired(before, limit) {
      // Both lists begin with what has been due for longest, and nothing old is due late.
      const jobs = await queue.getJobs(["wait", "paused", "delayed"], 0, limit - 1, true);
      const over = jobs.filter((job) => job && (job.data as Kept).addedAt < before).slice(0, limit);
      const codes = await Promise.all(over.map((job) => queue.remove(job!.id!)));
      return codes.filter((code) => code === 1).length;
    },
  };
}

function readEntry({ id, data }: BullmqJob): QueueEntry {
  const { sealed, addedAt, dueAt } = data as Kept;
  return { id: id!, sealed: fromBase64url(sealed)!, addedAt, dueAt };
}

function refuseTransaction(transaction: unknown): void {
  if (transaction === undefined) return;
  throw new TypeError(
    "bullmqQueue cannot take part in a transaction, since Redis shares none with a database: leave users.lock out, or keep the queue in sqlStore(…) or pgBossQueue(…).",
  );
}

/** BullMQ's codes for a job that is gone (-1), or due already and no longer delayed (-3): another will see to it. */
function passOverGone(error: unknown): void {
  const { code } = error as { code?: unknown };
  if (code !== -1 && code !== -3) throw error;
}
