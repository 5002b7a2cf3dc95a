import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pg } from "resetkit/connections/pg";
import { memoryStore } from "resetkit/stores/memory";
import { combinationCases, combinationSuite, type CombinationSubject } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { runCombination } from "../../src/testing/combination/suite.js";
import { combinations } from "../../src/testing/combination/combinations.js";
import { subjectOn } from "./combination/subject.js";
import { postgres } from "../servers/postgres.js";

const [stored] = combinations({ lock: false });
const codesInOneTransaction = combinations({ lock: true }).find(({ codes, lock }) => codes && lock)!;

describe("the suite of combinations", () => {
  it("has every kind of token with both workers, and twice as many with users.lock", () => {
    const names = (lock: boolean) => combinationCases({ lock }).map(({ name }) => name);
    expect(names(false)).toHaveLength(14);
    expect(names(true)).toHaveLength(28);
    expect(new Set(names(true)).size).toBe(28);
  });

  it("says what it needs of a test runner", () => {
    expect(() => combinationSuite({}, "nothing", () => ({ store: memoryStore() }))).toThrow(
      /Pass \{ describe, it \}/,
    );
  });

  it("catches a store that leases to nobody (control)", async () => {
    const store = memoryStore();
    const strict = { ...store, tokens: { ...store.tokens, lease: async () => false } };
    await expect(runCombination(stored!, { store: strict }, 2)).rejects.toThrow(/0 of 3 callers/);
  });

  it("catches a store that keeps siblings (control)", async () => {
    const store = memoryStore();
    const keeping = { ...store, tokens: { ...store.tokens, removeByUser: async () => 0 } };
    await expect(runCombination(stored!, { store: keeping }, 2)).rejects.toThrow();
  });

  it("catches a queue that loses what it was given (control)", async () => {
    const store = memoryStore();
    const losing = { ...store, queue: { ...store.queue!, add: async () => undefined } };
    await expect(runCombination(stored!, { store: losing }, 1)).rejects.toThrow(/ended without a message/);
  });
});

describe("the suite of combinations, on one connection", () => {
  let pool: Pool;
  let subject: CombinationSubject;
  beforeAll(async () => {
    pool = new Pool({ connectionString: await postgres(), max: 1 });
    // Its one connection is held by what hangs, so the end of the pool is not waited for.
    subject = await subjectOn(pg(pool), async () => void pool.end().catch(() => undefined));
  });
  afterAll(() => subject.close?.());

  it("catches counters that are asked on another connection inside a transaction (control)", async () => {
    const { store, connection } = subject;
    const unguarded: SqlConnection = {
      ...connection!,
      query: (statement, values) => byDriver(pool, statement, values),
    };
    const tokens = {
      ...store.tokens,
      finish: async (lookup: Uint8Array) => {
        await unguarded.query({ text: "select 1 as one", rows: true }, []);
        return store.tokens.finish(lookup);
      },
    };
    const waiting = runCombination(
      codesInOneTransaction,
      { store: { ...store, tokens }, connection: connection! },
      1,
      3_000,
    );
    await expect(waiting).rejects.toThrow(/took longer than 3 s/);
  });
});

async function byDriver(pool: Pool, { text }: { readonly text: string }, values: readonly unknown[]) {
  const { rows, rowCount } = await pool.query(text, [...values]);
  return { rows, changes: rowCount ?? 0 };
}
