/**
 * What is flooded: the library behind `node:http`, with its accounts and its store in one database.
 *
 * @module
 */
import Database from "better-sqlite3";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "pg";
import { passwordReset } from "resetkit";
import { nodeListener } from "resetkit/adapters/node";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection, Store } from "resetkit/types";
import { sqlUsers } from "resetkit/users/sql";
import { ownerOf, target, type Plan, victimOf, victimsOf } from "./plan.js";

export type Table = "queue" | "tokens" | "counters";
export type Sizes = Readonly<Record<Table, number>>;

/** What was seen from inside. */
export interface Seen {
  /** When the first email for an address was accepted, in milliseconds since 1970. */
  readonly mails: Readonly<Record<string, number>>;
  /** How often each event was raised, by its name and what it says. */
  readonly events: Readonly<Record<string, number>>;
  /** The most rows that a look once a second found. */
  readonly most: Sizes;
  /** Rows once the queue was empty, and a week later, once the worker has removed what it removes. */
  readonly after: Sizes;
  readonly cleaned: Sizes;
  /** Of the process, in megabytes: before the flood, and at most. */
  readonly memory: { readonly before: number; readonly most: number };
}

export interface Flooded {
  readonly port: number;
  /** Ends the server and returns what was seen. With `drains`, once the queue is empty. */
  end(drains: boolean): Promise<Seen>;
}

const lookEvery = 1_000;
/** How long the clean-up may take after that. */
const patience = 300_000;
const later = 10 * 60_000;
const week = 7 * 24 * 3_600_000;
const tables: readonly Table[] = ["queue", "tokens", "counters"];

export async function startServer(plan: Plan): Promise<Flooded> {
  const { connection, close } = open(plan);
  await fill(connection, plan);
  const startedAt = Date.now();
  let jumped = 0;
  const clock = () => startedAt + (Date.now() - startedAt) * plan.speed + jumped;
  const mails: Record<string, number> = {};
  const events: Record<string, number> = {};
  const count = (name: string) => void (events[name] = (events[name] ?? 0) + 1);
  const store = sqlStore(connection);

  const reset = passwordReset({
    users: sqlUsers(connection, {
      table: "people",
      identifier: "email",
      passwordHash: "password_hash",
      hashPassword: (password: string) => password,
      sessions: "none",
    }),
    secret: "a secret of the flood: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store: plan.worker === "nine" ? nineAtATime(store) : store,
    url: "https://example.com/reset/{token}",
    throttles: plan.throttles,
    worker: { maxWaiting: plan.maxWaiting },
    deliver: Object.assign(({ address }: { address: string }) => void (mails[address] ??= Date.now()), {
      dryRun: () => undefined,
    }),
    clock,
    log: { info() {}, warn() {}, error() {} },
  });
  reset.on("delivered", () => count("delivered"));
  reset.on("refused", ({ stage, reason }) => count(`${stage} ${reason}`));
  reset.on("failed", ({ what, reason }) => count(`failed: ${what}, ${reason}`));
  reset.on("alarm", ({ what }) => count(`alarm ${what}`));

  const server = createServer(nodeListener(reset, { trustProxy: 1 }));
  server.keepAliveTimeout = 600_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const memory = () => process.memoryUsage().rss / 2 ** 20;
  const before = memory();
  let most = await sizesOf(connection);
  let mostMemory = before;
  const look = setInterval(async () => {
    mostMemory = Math.max(mostMemory, memory());
    const now = await sizesOf(connection);
    most = { ...most, ...Object.fromEntries(tables.map((name) => [name, Math.max(most[name], now[name])])) };
  }, lookEvery);

  return {
    port: (server.address() as AddressInfo).port,
    async end(drains) {
      // Accounts at their limit are looked at again for some minutes.
      jumped = later;
      if (drains) await reset.drain();
      clearInterval(look);
      server.close();
      server.closeAllConnections();
      const after = await sizesOf(connection);
      // The worker itself must remove what has expired.
      jumped = later + week;
      let cleaned = await sizesOf(connection);
      for (const until = Date.now() + patience; isLeft(cleaned) && Date.now() < until;) {
        await pause(250);
        cleaned = await sizesOf(connection);
      }
      await reset.close();
      await close();
      return { mails, events, most, after, cleaned, memory: { before, most: mostMemory } };
    },
  };
}

/** The worker as one that takes nine entries a look: it finds fewer than it asked for, so it waits for the next. */
function nineAtATime(store: Store): Store {
  const queue = store.queue!;
  return {
    ...store,
    queue: { ...queue, lease: (limit, ...others) => queue.lease(Math.min(limit, 10) - 1, ...others) },
  };
}

function open({ database, url }: Plan): { connection: SqlConnection; close: () => Promise<unknown> } {
  if (database === "postgres") {
    const pool = new Pool({ connectionString: url, max: 10 });
    return { connection: pg(pool), close: () => pool.end() };
  }
  const db = new Database(url);
  db.pragma("journal_mode = wal");
  db.pragma("synchronous = normal");
  return { connection: betterSqlite3(db), close: async () => db.close() };
}

async function fill(connection: SqlConnection, plan: Plan): Promise<void> {
  const run = (text: string) => connection.query({ text, rows: false }, []);
  await migrate(connection);
  await run(
    "create table people (id integer primary key, email varchar(190) unique, password_hash varchar(190))",
  );
  const emails = [
    target,
    ...Array.from({ length: plan.owners }, (_, n) => ownerOf(n)),
    ...Array.from({ length: victimsOf(plan) }, (_, n) => victimOf(n)),
  ];
  for (let from = 0; from < emails.length; from += 500) {
    const values = emails.slice(from, from + 500).map((email, n) => `(${from + n + 1}, '${email}', 'hash')`);
    await run(`insert into people values ${values.join(", ")}`);
  }
}

function isLeft(sizes: Sizes): boolean {
  return Object.values(sizes).some((rows) => rows > 0);
}

async function sizesOf(connection: SqlConnection): Promise<Sizes> {
  const found: Record<string, number> = {};
  for (const name of tables) {
    const { rows } = await connection.query(
      { text: `select count(*) as n from resetkit_${name}`, rows: true },
      [],
    );
    found[name] = Number(rows[0]!.n);
  }
  return found as Sizes;
}
