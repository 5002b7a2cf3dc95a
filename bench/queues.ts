/**
 * What the queues carry, which writes docs/evidence/queues.md: `npm run bench:queues [entries]`.
 *
 * @module
 */
import { Redis } from "ioredis";
import { Pool } from "pg";
import Database from "better-sqlite3";
import { join } from "node:path";
import { betterSqlite3 } from "../src/connections/better-sqlite3.js";
import { pg } from "../src/connections/pg.js";
import { bullmqQueue } from "../src/queues/bullmq.js";
import { pgBossQueue } from "../src/queues/pg-boss.js";
import { memoryQueue } from "../src/stores/memory/queue.js";
import { redisStore } from "../src/stores/redis.js";
import { migrate, sqlStore } from "../src/stores/sql.js";
import type { RequestQueue } from "../src/types.js";
import { bullmq, pgBoss } from "../test/servers/engines.js";
import { openPlace, place } from "../test/servers/place.js";
import { postgres } from "../test/servers/postgres.js";
import { redis } from "../test/servers/redis.js";
import { circumstances, table, writeEvidence } from "./evidence.js";

const entries = Number(process.argv[2] ?? 2_000);
const runs = 5;
const workers = 4;
const callers = 16;
/** As many as the engine's worker takes at once. */
const batch = 10;

interface Subject {
  readonly name: string;
  /** One port for each worker. */
  readonly ports: readonly RequestQueue[];
  close(): Promise<unknown>;
}

interface Rates {
  readonly adds: number;
  readonly done: number;
}

const close = await openPlace();
try {
  const subjects = [await sql(), await sqlite(), memory(), await redisQueue(), await bull(), await boss()];
  const rates = new Map<string, Rates[]>();
  // In turns, so that what else the machine does falls on all of them.
  for (let run = -1; run < runs; run++) {
    for (const subject of subjects) {
      const measured = await measure(subject.ports, run < 0 ? entries / 10 : entries);
      if (run >= 0) rates.set(subject.name, [...(rates.get(subject.name) ?? []), measured]);
    }
  }
  for (const subject of subjects) await subject.close();
  const [base] = subjects;
  const middle = (name: string, which: keyof Rates) => median(rates.get(name)!.map((one) => one[which]));
  const rows = subjects.map(({ name }) => [
    name,
    ...(["adds", "done"] as const).flatMap((which) => [
      middle(name, which).toFixed(0),
      (middle(name, which) / middle(base!.name, which)).toFixed(2),
    ]),
  ]);
  await writeEvidence(
    "queues",
    `# What the queues carry

${circumstances(`npm run bench:queues ${entries}`, ["PostgreSQL without fsync, Redis without a log: what a disk adds is the disk's", `bullmq 6.7.0, pg-boss 10.4.2`])}
- Sample: ${runs} runs of ${entries} entries; the median is shown. ${callers} callers add at once. Then ${workers} workers, each with a lease of its
  own in one process, take ${batch} at a time and report each as done.

${table(["queue", "added a second", "ratio", "taken and done a second", "ratio"], rows)}

Ratios are to the SQL table on PostgreSQL in the same run. Everything, servers included, shares the two cores.
`,
  );
} finally {
  await close();
}

/** Entries a second: added by some callers at once, then taken and done by the workers. */
async function measure(ports: readonly RequestQueue[], count: number): Promise<Rates> {
  const now = Date.now();
  let next = 0;
  const add = async () => {
    for (let n = next++; n < count; n = next++) {
      const id = [now, n].map((part) => part.toString(16).padStart(16, "0")).join("");
      await ports[0]!.add({ id, sealed: new Uint8Array(240).fill(n), addedAt: now, dueAt: now });
    }
  };
  const adding = await timeOf(() => Promise.all(Array.from({ length: callers }, add)));

  let done = 0;
  const work = async (port: RequestQueue) => {
    for (;;) {
      const leased = await port.lease(batch, Date.now(), Date.now() + 30_000);
      if (leased.length === 0) return;
      await Promise.all(leased.map(({ id }) => port.done(id)));
      done += leased.length;
    }
  };
  const working = await timeOf(() => Promise.all(ports.map(work)));
  if (done !== count) throw new Error(`${done} of ${count} entries were handed out.`);
  return { adds: count / adding, done: count / working };
}

/** Seconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

function median(some: number[]): number {
  return some.sort((a, b) => a - b)[some.length >> 1]!;
}

function same(port: RequestQueue): RequestQueue[] {
  return Array.from({ length: workers }, () => port);
}

async function sql(): Promise<Subject> {
  const pool = new Pool({ connectionString: await postgres(), max: callers });
  await migrate(pg(pool));
  const { queue } = sqlStore(pg(pool));
  return { name: "`sqlStore` on PostgreSQL", ports: same(queue!), close: () => pool.end() };
}

async function sqlite(): Promise<Subject> {
  const db = new Database(join(place().folder, "queue.db"));
  db.pragma("journal_mode = wal");
  await migrate(betterSqlite3(db));
  const { queue } = sqlStore(betterSqlite3(db));
  return { name: "`sqlStore` on SQLite (WAL)", ports: same(queue!), close: async () => db.close() };
}

function memory(): Subject {
  return { name: "`memoryStore`", ports: same(memoryQueue()), close: async () => undefined };
}

async function redisQueue(): Promise<Subject> {
  const client = new Redis(await redis());
  const { queue } = redisStore(client, { prefix: crypto.randomUUID() });
  return { name: "`redisStore`", ports: same(queue!), close: async () => client.disconnect() };
}

async function bull(): Promise<Subject> {
  const { Queue, Worker } = await bullmq();
  const connection = { url: await redis() };
  const name = crypto.randomUUID();
  const queue = new Queue(name, { connection });
  const hands = Array.from({ length: workers }, () => new Worker(name, null, { connection }));
  return {
    name: "`bullmqQueue`",
    ports: hands.map((worker) => bullmqQueue(queue, worker)),
    close: () => Promise.all([queue, ...hands].map((one) => one.close())),
  };
}

async function boss(): Promise<Subject> {
  const PgBoss = await pgBoss();
  const connectionString = await postgres();
  const pool = new Pool({ connectionString, max: callers });
  const started = new PgBoss({ connectionString, max: 1, supervise: false, schedule: false });
  started.on("error", () => undefined);
  await started.start();
  await started.createQueue("resetkit");
  return {
    name: "`pgBossQueue`",
    ports: same(pgBossQueue(started, pg(pool))),
    close: async () => {
      await started.stop({ graceful: false });
      await pool.end();
    },
  };
}
