/**
 * What one worker does at its defaults, beside a handler that mails by hand; writes docs/evidence/worker.md:
 * `npm run bench:worker [entries]`.
 *
 * @module
 */
import Database from "better-sqlite3";
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import { betterSqlite3 } from "../src/connections/better-sqlite3.js";
import { pg } from "../src/connections/pg.js";
import { passwordReset } from "../src/index.js";
import { migrate, sqlStore } from "../src/stores/sql.js";
import type { PasswordReset, SqlConnection } from "../src/types.js";
import { sqlUsers } from "../src/users/sql.js";
import { openPlace, place } from "../test/servers/place.js";
import { postgres } from "../test/servers/postgres.js";
import { circumstances, table, writeEvidence } from "./evidence.js";

const secret = randomBytes(32).toString("hex");
const entries = Number(process.argv[2] ?? 4_000);
/** Requests for unknown addresses that wait before an owner's. */
const flood = 500;
const runs = 3;
/** As many as the worker delivers at once at most, at its default. */
const byHandAtOnce = 100;
/** The pool that an application has by default. */
const connections = 10;

interface Subject {
  readonly name: string;
  readonly connection: SqlConnection;
  close(): Promise<unknown>;
}

interface Transport {
  readonly name: string;
  readonly delay: number;
}

const transports: readonly Transport[] = [
  { name: "instant", delay: 0 },
  { name: "200 ms", delay: 200 },
];

const close = await openPlace();
// The worker's own timers keep no process alive.
const alive = setInterval(() => undefined, 1_000);
try {
  const subjects = [await sqlite(), await onPostgres()];
  const rows: string[][] = [];
  const delays: string[][] = [];
  for (const subject of subjects) {
    await fill(subject.connection);
    for (const transport of transports) {
      const [ours, byHand]: [number[], number[]] = [[], []];
      // In turns, so that what else the machine does falls on both.
      for (let run = 0; run < runs; run++) {
        ours.push(await ofWorker(subject, transport));
        byHand.push(await ofHandler(subject, transport));
      }
      const [a, b] = [median(ours), median(byHand)];
      rows.push([subject.name, transport.name, a.toFixed(0), b.toFixed(0), (a / b).toFixed(2)]);
      const [free, behind] = [
        await ownerDelay(subject, transport, 0),
        await ownerDelay(subject, transport, flood),
      ];
      delays.push([subject.name, transport.name, free.toFixed(0), behind.toFixed(0)]);
    }
    await subject.close();
  }
  await writeEvidence(
    "worker",
    `# What a worker carries

${circumstances(`npm run bench:worker ${entries}`, ["PostgreSQL without fsync: what a disk adds is the disk's"])}
- Sample: ${runs} runs of ${entries} requests that wait, half of them for known addresses; the median is shown.
- One process, \`worker\` at its defaults (a look every 250 ms, \`concurrency: 100\`), a pool of ${connections} connections.
- By hand: a handler that looks the address up, stores the hash of a random token, and awaits the transport, ${byHandAtOnce} at once. It does
  no work for an unknown address, keeps nothing if the process dies, and reveals who has an account by its time.

${table(["database", "transport", "requests a second", "by hand", "ratio"], rows)}

How long an owner's email takes, in milliseconds from the request to the transport, alone and behind ${flood} requests for unknown
addresses:

${table(["database", "transport", "alone", `behind ${flood}`], delays)}
`,
  );
} finally {
  clearInterval(alive);
  await close();
}

function engineOn({ connection }: Subject, deliver: (address: string) => Promise<void>): PasswordReset<any> {
  return passwordReset({
    users: sqlUsers(connection, {
      table: "users",
      identifier: "email",
      passwordHash: "password_hash",
      hashPassword: (password: string) => password,
      sessions: "none",
    }),
    secret,
    store: sqlStore(connection),
    url: "https://example.com/reset/{token}",
    throttles: false,
    deliver: Object.assign((message: { address: string }) => deliver(message.address), {
      dryRun: () => deliver(""),
    }),
    log: { info() {}, warn() {}, error: console.error },
  });
}

/** Requests a second, from the start of the worker to the last email. */
async function ofWorker(subject: Subject, { delay }: Transport): Promise<number> {
  await empty(subject.connection);
  const asking = engineOn(subject, async () => {});
  // Only its queue is used: the worker under test must start with all of them.
  await asking.close();
  let done = 0;
  const count = delay === 0 ? entries : entries / 2;
  const reset = engineOn(subject, async () => {
    done++;
    if (delay > 0) await sleep(delay);
  });
  for (let n = 0; n < count; n++) await asking.request({ identifier: addressOf(n) });
  const startedAt = performance.now();
  void reset.work();
  while (done < count) {
    await sleep(10);
    if (performance.now() - startedAt > 300_000)
      throw new Error(`${done} of ${count} requests were done in 5 minutes.`);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await reset.close();
  return count / seconds;
}

/** What people write first: look up, store, mail, all in the handler. */
async function ofHandler({ connection }: Subject, { delay }: Transport): Promise<number> {
  const mark = (n: number) => (connection.dialect === "postgres" ? `$${n}` : "?");
  const find = { text: `select id, email from users where email = ${mark(1)}`, rows: true };
  const keep = { text: `insert into by_hand (hash, user_id) values (${mark(1)}, ${mark(2)})`, rows: false };
  const count = delay === 0 ? entries : entries / 2;
  let next = 0;
  const serve = async () => {
    for (let n = next++; n < count; n = next++) {
      const [user] = (await connection.query(find, [addressOf(n)])).rows;
      if (!user) continue;
      const token = randomBytes(32).toString("base64url");
      const hash = createHash("sha256").update(token).digest("hex");
      await connection.query(keep, [hash, Number(user.id)]);
      if (delay > 0) await sleep(delay);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: byHandAtOnce }, serve));
  return count / ((performance.now() - startedAt) / 1_000);
}

/** Milliseconds from an owner's request to the transport, with so many requests for unknown addresses before it. */
async function ownerDelay(subject: Subject, { delay }: Transport, before: number): Promise<number> {
  const measured: number[] = [];
  for (let run = 0; run < runs; run++) {
    await empty(subject.connection);
    let arrived = (_at: number) => {};
    const arrival = new Promise<number>((resolve) => (arrived = resolve));
    const reset = engineOn(subject, async (address) => {
      if (address === addressOf(0)) arrived(performance.now());
      if (delay > 0) await sleep(delay);
    });
    await Promise.all(
      Array.from({ length: before }, (_, n) => reset.request({ identifier: `nobody${n}@example.org` })),
    );
    const askedAt = performance.now();
    await reset.request({ identifier: addressOf(0) });
    measured.push((await arrival) - askedAt);
    await reset.close();
  }
  return median(measured);
}

/** Even ones have an account. */
function addressOf(n: number): string {
  return `person${n}@example.com`;
}

async function fill(connection: SqlConnection): Promise<void> {
  const run = (text: string) => connection.query({ text, rows: false }, []);
  await migrate(connection);
  const id = connection.dialect === "postgres" ? "integer" : "integer";
  await run(
    `create table users (id ${id} primary key, email varchar(190) unique, password_hash varchar(190))`,
  );
  // As docs/users.md says: identifiers are compared without case.
  const folded = connection.dialect === "postgres" ? "lower(email::text)" : "email collate nocase";
  await run(`create index users_email on users (${folded})`);
  await run("create table by_hand (hash varchar(64) primary key, user_id integer)");
  for (let from = 0; from < entries; from += 500) {
    const values = Array.from({ length: 250 }, (_, n) => from + 2 * n).map(
      (n) => `(${n + 1}, '${addressOf(n)}', 'hash ${n}')`,
    );
    await run(`insert into users values ${values.join(", ")}`);
  }
}

async function empty(connection: SqlConnection): Promise<void> {
  for (const name of ["resetkit_tokens", "resetkit_counters", "resetkit_queue", "by_hand"])
    await connection.query({ text: `delete from ${name}`, rows: false }, []);
}

function median(some: number[]): number {
  return some.sort((a, b) => a - b)[some.length >> 1]!;
}

async function sqlite(): Promise<Subject> {
  const db = new Database(join(place().folder, "worker.db"));
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  return { name: "SQLite (WAL)", connection: betterSqlite3(db), close: async () => db.close() };
}

async function onPostgres(): Promise<Subject> {
  const pool = new Pool({ connectionString: await postgres(), max: connections });
  return { name: "PostgreSQL", connection: pg(pool), close: () => pool.end() };
}
