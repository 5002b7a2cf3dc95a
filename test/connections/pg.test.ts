import { Pool } from "pg";
import { describe, expect, it, vi } from "vitest";
import { pg } from "resetkit/connections/pg";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { connectionSuite } from "resetkit/testing";
import { postgres } from "../servers/postgres.js";
import { sqlSuite } from "../servers/sql-suite.js";

const connectionString = await postgres();

sqlSuite("PostgreSQL, by pg", async () => {
  const pool = new Pool({ connectionString });
  return { connection: pg(pool), close: () => pool.end() };
});

connectionSuite({ describe, it }, "pg", (max) => {
  const pool = new Pool({ connectionString, max });
  return { connection: pg(pool), driver: (text) => pool.query(text), close: () => pool.end() };
});

describe("pg", () => {
  it("refuses what is no pool, with the fix", () => {
    expect(() => pg(undefined as never)).toThrow(/pass a Pool: new Pool\(\{ connectionString \}\)/);
    expect(() => pg(new Pool() as never, { prepared: false } as never)).toThrow(/Did you mean "prepare"/);
  });

  it("gives the application's callbacks the PoolClient, and returns it to the pool", async () => {
    const pool = new Pool({ connectionString, max: 1 });
    const answer = await pg(pool).transaction!(async (client) => {
      return (await client.query({ text: "select pg_current_xact_id_if_assigned() is null as idle" })).rows;
    });
    expect(answer).toEqual([{ idle: true }]);
    expect(pool.idleCount).toBe(1);
    await pool.end();
  });

  it("rejects where a callback swallowed an error, and PostgreSQL rolled back", async () => {
    const pool = new Pool({ connectionString });
    const work = pg(pool).transaction!((client) =>
      client.query({ text: "select no_such_column" }).catch(() => "never mind"),
    );
    await expect(work).rejects.toThrow(/Don't swallow errors/);
    await pool.end();
  });

  it("drops a client whose session is gone, though nobody listens to its errors, and goes on with another", async () => {
    const pool = new Pool({ connectionString, max: 1 });
    const connection = pg(pool);
    const lost = connection.transaction!(async (client) => {
      await client.query({ text: "select pg_terminate_backend(pg_backend_pid())" });
    });
    await expect(lost).rejects.toThrow();
    const { rows } = await connection.query({ text: "select 1 as one", rows: true }, []);
    expect(rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it("prepares named statements once per session, and none where told not to", async () => {
    for (const prepare of [true, false]) {
      const pool = new Pool({ connectionString, max: 1 });
      const connection = pg(pool, { prepare });
      for (let i = 0; i < 3; i++) {
        await connection.query({ text: "select $1::int as n", rows: true, name: "n" }, [i]);
      }
      const { rows } = await pool.query("select name from pg_prepared_statements");
      expect(rows).toEqual(prepare ? [{ name: "n" }] : []);
      await pool.end();
    }
  });

  /** What a pooler does to prepared statements: the session that a call gets isn't the one that prepared. */
  const lost = {
    "26000, the session doesn't know the statement": "deallocate all",
    "42P05, it has another one of that name": "deallocate all; prepare n as select 0",
  };
  it.each(Object.entries(lost))(
    "goes on without preparing where a pooler loses it: %s",
    async (_, between) => {
      const pool = new Pool({ connectionString, max: 1 });
      const connection = pg(pool);
      const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const statement = { text: "select $1::int as n", rows: true, name: "n" };
      await connection.query(statement, [1]);
      const forgets = between.includes("prepare n");
      // As if by another session: the client forgets what it prepared.
      if (forgets)
        await pool.query("select 1").then(() => ((pool as any)._clients[0].connection.parsedStatements = {}));
      await pool.query(between);
      for (const n of [2, 3]) expect((await connection.query(statement, [n])).rows).toEqual([{ n }]);
      expect(warn.mock.calls.flat()).toEqual([expect.stringContaining("Pass pg(pool, { prepare: false })")]);
      warn.mockRestore();
      await pool.end();
    },
  );

  it("lets the store run a transaction again that lost a prepared statement", async () => {
    const pool = new Pool({ connectionString, max: 1 });
    const connection = pg(pool);
    await migrate(connection, { prefix: "pooled_" });
    const store = sqlStore(connection, { prefix: "pooled_" });
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const entry = { sealed: new Uint8Array(1), addedAt: 1, dueAt: 1, kind: "issue" as const };
    await store.queue!.add({ id: "0".repeat(32), ...entry });
    await pool.query("deallocate all");
    let runs = 0;
    await store.transaction!(async (transaction) => {
      runs++;
      await store.queue!.add({ id: "1".repeat(32), ...entry }, { transaction });
    });
    expect([runs, warn.mock.calls.length]).toEqual([2, 1]);
    expect(await store.queue!.list({ limit: 9 })).toHaveLength(2);
    warn.mockRestore();
    await pool.end();
  });
});
