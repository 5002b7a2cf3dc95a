import Database from "better-sqlite3";
import fc from "fast-check";
import { Redis } from "ioredis";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { mysql2 } from "resetkit/connections/mysql2";
import { pg } from "resetkit/connections/pg";
import { memoryStore } from "resetkit";
import { redisStore } from "resetkit/stores/redis";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { SqlConnection, Store } from "resetkit/types";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";
import { redis } from "../servers/redis.js";
import { application, steps } from "./model.js";

// Sample: so many random histories of at most 50 steps; each is run on the memory store, the reference, and on
// all others. MODEL_RUNS=1000 for more. The clock stands still between steps, so of Redis's own expiry, which
// follows the real time with an hour's slack, nothing is seen here.
const runs = Number(process.env.MODEL_RUNS ?? 40);
const controlRuns = 300;
// A report names its seed: MODEL_SEED=-651127391 takes the same histories again.
const replayed = process.env.MODEL_SEED ? { seed: Number(process.env.MODEL_SEED) } : {};

/** Looks for a history after which one of the stores shows something else than the memory store. */
function lookForDifference(numRuns: number, open: () => Promise<readonly Store[]>) {
  const property = fc.asyncProperty(fc.commands(steps, { maxCommands: 50, size: "max" }), async (history) => {
    const stores = await open();
    await fc.asyncModelRun(
      () => ({ model: application(memoryStore()), real: stores.map(application) }),
      history,
    );
  });
  return fc.check(property, { numRuns, ...replayed, endOnFailure: numRuns === controlRuns });
}

describe("the same random history", () => {
  const closing: (() => unknown)[] = [];
  const connections: SqlConnection[] = [];
  let client: Redis;

  beforeAll(async () => {
    const db = new Database(":memory:");
    const pgPool = new Pool({ connectionString: await postgres() });
    const mysqlPool = createPool(await mariadb());
    client = new Redis(await redis());
    closing.push(
      () => db.close(),
      () => pgPool.end(),
      () => mysqlPool.end(),
      () => client.disconnect(),
    );
    connections.push(betterSqlite3(db), pg(pgPool), mysql2(mysqlPool));
    for (const connection of connections) await migrate(connection);
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  async function emptyStores(): Promise<Store[]> {
    for (const connection of connections) {
      for (const table of ["tokens", "counters", "queue"]) {
        await connection.query({ text: `delete from resetkit_${table}`, rows: false }, []);
      }
    }
    return [...connections.map((one) => sqlStore(one)), redisStore(client, { prefix: crypto.randomUUID() })];
  }

  it("gives the same visible results on memory, SQLite, PostgreSQL, MariaDB and Redis", async () => {
    const result = await lookForDifference(runs, emptyStores);
    expect(fc.defaultReportMessage(result)).toBeUndefined();
  }, 300_000);
});

/** Faults as a store might have them, each planted into the memory store. */
const faults: Record<string, (store: Store) => Partial<Store>> = {
  "leases to everyone": ({ tokens }) => ({
    tokens: {
      ...tokens,
      lease: async (...of) => (await tokens.lease(...of)) || true,
      finish: async (lookup) => (await tokens.finish(lookup)) || true,
    },
  }),
  "does not end a lease": ({ tokens }) => ({ tokens: { ...tokens, release: async () => undefined } }),
  "keeps one token more": ({ tokens }) => ({
    tokens: { ...tokens, put: (row, rule) => tokens.put(row, { ...rule, maxLive: rule.maxLive + 1 }) },
  }),
  "forgets that a mail was refused": ({ tokens }) => ({
    tokens: { ...tokens, delivered: (lookup) => tokens.delivered(lookup, true) },
  }),
  "leaves the other tokens of an account": ({ tokens }) => ({
    tokens: { ...tokens, removeByUser: async () => 0 },
  }),
  "clears what is over tomorrow": ({ tokens }) => ({
    tokens: { ...tokens, removeExpired: (now, limit) => tokens.removeExpired(now + 86_400_000, limit) },
  }),
  "miscounts by one what it cleared": ({ tokens }) => ({
    tokens: {
      ...tokens,
      removeExpired: async (now, limit) => Math.max(0, (await tokens.removeExpired(now, limit)) - 1),
    },
  }),
  "never opens a new window": ({ counters }) => ({
    counters: {
      ...counters,
      hit: (key, { now, ...rest }) => counters.hit(key, { ...rest, now: Math.min(now, 4_103_700_000_000) }),
    },
  }),
  "loses the oldest piece of work": ({ queue }) => ({
    queue: {
      ...queue!,
      lease: async (limit, now, until) => (await queue!.lease(limit, now, until)).slice(1),
    },
  }),
};

describe("a planted fault is found by such histories (control): a store that", () => {
  it.each(Object.entries(faults))("%s", async (_, plant) => {
    const faulty = async () => {
      const store = memoryStore();
      return [{ ...store, ...plant(store) }];
    };
    expect((await lookForDifference(controlRuns, faulty)).failed).toBe(true);
  });

  it("has none shows no difference", async () => {
    const result = await lookForDifference(controlRuns, async () => [memoryStore()]);
    expect(fc.defaultReportMessage(result)).toBeUndefined();
  });
});
