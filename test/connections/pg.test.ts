import { Pool } from "pg";
import { describe, expect, it } from "vitest";
import { pg } from "resetkit/connections/pg";
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
});
