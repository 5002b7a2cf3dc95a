/** An engine whose queue is BullMQ or pg-boss, on real servers and in real time, as each process makes it. */
import pgDriver from "pg";
import { pg } from "../../src/connections/pg.js";
import { passwordReset } from "../../src/password-reset.js";
import { bullmqQueue } from "../../src/queues/bullmq.js";
import { pgBossQueue } from "../../src/queues/pg-boss.js";
import { migrate, sqlStore } from "../../src/stores/sql.js";
import type { Deliver, PasswordReset, RequestQueue, SqlConnection } from "../../src/types.js";
import { accountsIn, type Accounts, type Person } from "../faults/accounts.js";
import { bullmq, pgBoss } from "../servers/engines.js";

export interface Place {
  readonly engine: "bullmq" | "pg-boss";
  /** PostgreSQL: accounts, mails, tokens, and the queue of pg-boss. */
  readonly database: string;
  readonly redis: string;
  /** Of the queue. */
  readonly name: string;
  /** Where the packages of the engines are. */
  readonly modules: string;
}

export interface Engine {
  readonly reset: PasswordReset<Person>;
  readonly accounts: Accounts;
  readonly queue: RequestQueue;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly withLock?: boolean;
  /** Short by default, so that nobody waits long for the work of one who died. */
  readonly lease?: "1s" | "20s";
  /** What happens to a message, around its being kept. */
  readonly deliver?: (keep: () => Promise<void>) => Promise<void>;
  readonly around?: (queue: RequestQueue) => RequestQueue;
}

export async function openEngine(place: Place, options: EngineOptions = {}): Promise<Engine> {
  const { withLock = false, lease = "1s", deliver = (keep) => keep(), around = (queue) => queue } = options;
  const pool = new pgDriver.Pool({ connectionString: place.database, max: 6 });
  const connection = pg(pool);
  const accounts = accountsIn(connection, { withLock });
  const { queue, close } = await queueOf(place, connection);
  const quiet = () => undefined;
  const keepMail: Deliver<Person> = (message) =>
    deliver(() =>
      accounts.keepMail({
        kind: message.kind,
        address: message.address,
        token: message.kind === "reset" ? message.token : "",
      }),
    );
  const reset = passwordReset<Person>({
    users: { ...accounts.users, hashPassword: (password) => password },
    secret: "a secret of the queue tests: 0123456789 abcdefghijkl",
    store: { ...sqlStore(connection), queue: around(queue) },
    url: "https://app.example.com/reset-password/{token}",
    deliver: keepMail,
    throttles: false,
    validators: [() => null],
    worker: { mode: "outside", tick: "50ms", lease },
    log: { info: quiet, warn: quiet, error: quiet },
  });
  return {
    reset,
    accounts,
    queue,
    async close() {
      await reset.close();
      await close();
      await pool.end();
    },
  };
}

/** Makes the tables, and the queue of pg-boss. */
export async function prepare(place: Place): Promise<void> {
  const pool = new pgDriver.Pool({ connectionString: place.database, max: 1 });
  await migrate(pg(pool));
  await accountsIn(pg(pool), { withLock: false }).create();
  await pool.end();
  if (place.engine !== "pg-boss") return;
  const boss = await startedBoss(place);
  await boss.createQueue(place.name);
  await boss.stop({ graceful: false });
}

async function queueOf(
  place: Place,
  connection: SqlConnection,
): Promise<{ queue: RequestQueue; close: () => Promise<unknown> }> {
  const { name, modules } = place;
  if (place.engine === "pg-boss") {
    const boss = await startedBoss(place);
    return {
      queue: pgBossQueue(boss, connection, { name }),
      close: () => boss.stop({ graceful: false }),
    };
  }
  const { Queue, Worker } = await bullmq(modules);
  const server = { url: place.redis };
  const queue = new Queue(name, { connection: { ...server, maxRetriesPerRequest: 1 } });
  const worker = new Worker(name, null, { connection: server, lockDuration: 2_000, stalledInterval: 500 });
  // A listener keeps BullMQ from printing what it met.
  for (const one of [queue, worker]) one.on("error", () => undefined);
  return {
    queue: bullmqQueue(queue, worker),
    close: () => Promise.all([worker.close(), queue.close()]),
  };
}

async function startedBoss({ database, modules }: Place): Promise<any> {
  const PgBoss = await pgBoss(modules);
  const boss = new PgBoss({ connectionString: database, max: 1, supervise: false, schedule: false });
  boss.on("error", () => undefined);
  return boss.start();
}
