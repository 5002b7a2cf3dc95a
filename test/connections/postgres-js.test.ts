import postgresClient from "postgres";
import { describe, expect, it } from "vitest";
import { postgresJs } from "resetkit/connections/postgres-js";
import { connectionSuite } from "resetkit/testing";
import { postgres } from "../servers/postgres.js";
import { sqlSuite } from "../servers/sql-suite.js";

const url = await postgres();

sqlSuite("PostgreSQL, by postgres.js", async () => {
  const sql = postgresClient(url, { onnotice() {} });
  return { connection: postgresJs(sql), close: () => sql.end() };
});

connectionSuite({ describe, it }, "postgres.js", (max) => {
  const sql = postgresClient(url, { max, onnotice() {} });
  return { connection: postgresJs(sql), driver: (text) => sql.unsafe(text), close: () => sql.end() };
});

describe("postgresJs", () => {
  it("refuses what is no client, with the fix", () => {
    expect(() => postgresJs(undefined as never)).toThrow(/pass what postgres\(url\) returned/);
  });

  it("gives the application's callbacks the sql of the transaction", async () => {
    const sql = postgresClient(url, { max: 1 });
    const answer = await postgresJs(sql).transaction!(async (tx) => [
      ...(await (tx as typeof sql)`select 1 as n`),
    ]);
    expect(answer).toEqual([{ n: 1 }]);
    await sql.end();
  });

  it("rejects where a callback swallowed an error, and PostgreSQL rolled back", async () => {
    const sql = postgresClient(url, { max: 1 });
    const work = postgresJs(sql).transaction!(async (tx) => {
      await Promise.resolve(tx.unsafe("select no_such_column")).catch(() => {});
    });
    await expect(work).rejects.toThrow();
    await sql.end();
  });
});
