import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { pg } from "resetkit/connections/pg";
import { pgBossQueue } from "resetkit/queues/pg-boss";
import { queueSuite } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { entry } from "../../src/testing/store/samples.js";
import { pgBoss } from "../servers/engines.js";
import { postgres } from "../servers/postgres.js";

let pool: Pool;
let connection: SqlConnection;
let boss: any;
beforeAll(async () => {
  const PgBoss = await pgBoss();
  const connectionString = await postgres();
  pool = new Pool({ connectionString, max: 8 });
  connection = pg(pool);
  boss = await new PgBoss({ connectionString, max: 1, supervise: false, schedule: false }).start();
});
afterAll(async () => {
  await boss.stop({ graceful: false });
  await pool.end();
});

/** A queue that nobody else has. */
async function open() {
  const name = crypto.randomUUID();
  await boss.createQueue(name);
  return { name, queue: pgBossQueue(boss, connection, { name }) };
}

queueSuite(
  { describe, it: it.concurrent },
  "pgBossQueue",
  async () => ({ queue: (await open()).queue, transaction: connection.transaction! }),
  { clock: "own" },
);

const now = () => Date.now();
const added = (number: number, dueAt = now()) => entry(number, { addedAt: now(), dueAt });

describe("pgBossQueue", () => {
  it("gives each of 300 entries to one of three workers", async () => {
    const { queue } = await open();
    await Promise.all(Array.from({ length: 300 }, (_, i) => queue.add(added(i))));
    const shares = await Promise.all(
      [1, 2, 3].map(async () => {
        const mine: string[] = [];
        for (;;) {
          const leased = await queue.lease(5, now(), now() + 60_000);
          if (leased.length === 0) return mine;
          mine.push(...leased.map(({ id }) => id));
        }
      }),
    );
    expect(shares.flat().length).toBe(300);
    expect(new Set(shares.flat()).size).toBe(300);
    for (const share of shares) expect(share.length).toBeGreaterThan(0);
  });

  it("loses nothing when the connection breaks off between fetching and putting back", async () => {
    const { name, queue } = await open();
    await queue.add(added(1));
    const dying = pgBossQueue(
      {
        ...bossMethods(),
        insert: () => Promise.reject(new Error("Connection terminated unexpectedly")),
      },
      connection,
      { name },
    );
    await expect(dying.lease(1, now(), now() + 60_000)).rejects.toThrow("Connection terminated unexpectedly");
    await expect(dying.retry(entry(1).id, now())).rejects.toThrow("Connection terminated unexpectedly");
    expect((await queue.lease(1, now(), now() + 60_000)).length).toBe(1);
  });

  it("neither doubles nor loses an entry that is leased while a late worker asks for a longer lease", async () => {
    const { name, queue } = await open();
    await queue.add(added(1));
    // Sample: 50 rounds of four calls that meet on one row.
    for (let round = 0; round < 50; round++) {
      await Promise.all([
        queue.lease(1, now(), now()),
        queue.retry(entry(1).id, now()),
        queue.lease(1, now(), now()),
        queue.retry(entry(1).id, now()),
      ]);
      expect(await boss.getQueueSize(name)).toBe(1);
    }
  });

  it("keeps nothing of what is done, and nothing readable of what is not", async () => {
    const { name, queue } = await open();
    await queue.add(added(1));
    await queue.add(added(2));
    await queue.done(entry(1).id);
    const { rows } = await pool.query("select id, data from pgboss.job where name = $1", [name]);
    expect(rows.map(({ id, data }) => [id.replaceAll("-", ""), Object.keys(data).sort()])).toEqual([
      [entry(2).id, ["addedAt", "dueAt", "sealed"]],
    ]);
    expect((await pool.query("select 1 from pgboss.archive where name = $1", [name])).rows).toEqual([]);
  });

  it("outlives a retention that pg-boss was given for its own jobs", async () => {
    const name = crypto.randomUUID();
    await boss.createQueue(name, { retentionMinutes: 1 });
    const queue = pgBossQueue(boss, connection, { name });
    const kept = async () =>
      (
        await pool.query(
          "select extract(day from keep_until - now()) as days from pgboss.job where name = $1",
          [name],
        )
      ).rows[0].days;
    await queue.add(added(1));
    expect(Number(await kept())).toBeGreaterThan(36_490);
    await queue.lease(1, now(), now());
    expect(Number(await kept())).toBeGreaterThan(36_490);
  });

  it("goes on with jobs of version 0.1.0", async () => {
    const { name, queue } = await open();
    const at = now() - 1_000;
    const options = { id: entry(1).id, startAfter: "0.000", priority: 0, retentionDays: 30 };
    await boss.send(name, { sealed: "AAAA", addedAt: at, dueAt: at }, options);
    const shown = { id: entry(1).id, addedAt: at, dueAt: at, kind: undefined, keyId: undefined };
    expect(await queue.list({ limit: 9 })).toEqual([{ ...shown, attempts: 0, failure: undefined }]);
    expect(await queue.removeExpired(now(), 9)).toBe(0);
    expect(await queue.stats(now(), ["ours"])).toEqual({ waiting: 1, oldestAt: at, foreign: 0 });
    const [leased] = await queue.lease(1, now(), now() + 60_000, ["ours"]);
    expect({ ...leased, sealed: [...leased!.sealed] }).toEqual({ ...shown, sealed: [0, 0, 0] });
    await queue.retry(entry(1).id, now() + 60_000, "a reason");
    expect(await queue.list({ limit: 9 })).toMatchObject([{ attempts: 1, failure: "a reason" }]);
  });

  it("works on another schema, and says what it looks for in the wrong one", async () => {
    const PgBoss = await pgBoss();
    const connectionString = await postgres();
    const schema = `boss_${crypto.randomUUID().slice(0, 8)}`;
    const other = new PgBoss({ connectionString, schema, max: 1, supervise: false, schedule: false });
    await other.start();
    await other.createQueue("resetkit");
    const own = new Pool({ connectionString, max: 2 });
    const queue = pgBossQueue(other, pg(own), { schema });
    await queue.add(added(1));
    expect((await queue.lease(1, now(), now() + 60_000)).length).toBe(1);
    await expect(pgBossQueue(other, pg(own), { schema: "elsewhere" }).list({ limit: 1 })).rejects.toThrow(
      'relation "elsewhere.job" does not exist',
    );
    await own.end();
    await other.stop({ graceful: false });
  });

  it("says so where nobody created the queue", async () => {
    const queue = pgBossQueue(boss, connection, { name: "nobody" });
    await expect(queue.add(added(1))).rejects.toThrow(
      'pg-boss has no queue "nobody". Call await boss.createQueue("nobody") after boss.start().',
    );
  });

  it("refuses what is no pg-boss and no PostgreSQL, in a sentence that ends with the fix", () => {
    expect(() => pgBossQueue(undefined as never, connection)).toThrow(
      new TypeError("pgBossQueue's boss is missing: pass new PgBoss(url), started."),
    );
    const sqlite = { ...betterSqlite3({ prepare() {}, exec() {} } as never) };
    for (const wrong of [undefined, pool, sqlite, { ...connection, transaction: undefined }]) {
      expect(() => pgBossQueue(boss, wrong as never)).toThrow(
        new TypeError("pgBossQueue needs a connection to PostgreSQL. Pass pg(pool) as its second argument."),
      );
    }
    expect(() => pgBossQueue(boss, connection, { nam: "x" } as never)).toThrow(
      new TypeError('pgBossQueue has no option "nam". Did you mean "name"?'),
    );
    expect(() => pgBossQueue(boss, connection, { schema: "a; drop" })).toThrow(
      new TypeError(
        'pgBossQueue({ schema }) is "a; drop". Pass the name that new PgBoss({ schema }) was given: letters, digits and "_".',
      ),
    );
  });
});

function bossMethods() {
  const { send, insert, deleteJob, getJobById } = boss;
  return { send, insert, deleteJob, getJobById };
}
