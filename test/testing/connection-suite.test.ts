import { describe, expect, it } from "vitest";
import { connectionCases, connectionSuite } from "resetkit/testing";
import type { SqlConnection } from "resetkit/types";
import { guarded } from "../../src/connections/shared/guarded.js";

/** A pool that never runs out of connections. */
const roomy = (): SqlConnection => ({
  dialect: "postgres",
  database: {},
  query: async () => ({ rows: [{ one: 1 }], changes: 0 }),
  transaction: (work) => work({}),
});

/** Runs all cases but the control, and returns the names of those that failed. */
async function failures(connection: SqlConnection, size: number): Promise<string[]> {
  const cases = connectionCases.filter(({ isControl }) => !isControl);
  const ends = await Promise.all(
    cases.map(({ name, run }) =>
      run({ connection }, size).then(
        () => undefined,
        () => name,
      ),
    ),
  );
  return ends.filter((name) => name !== undefined);
}

/** Runs what a suite registers, one after the other, and returns the messages of what failed. */
async function messagesOf(register: (runner: { it: typeof add }) => void): Promise<string[]> {
  const tests: (() => Promise<void>)[] = [];
  function add(_: string, body: () => Promise<void>) {
    tests.push(body);
  }
  register({ it: add });
  const messages: string[] = [];
  for (const test of tests) await test().catch((error: Error) => messages.push(error.message));
  return messages;
}

describe("connectionSuite", () => {
  it("accepts a guarded connection, and finds one that lets such calls pass (control)", async () => {
    expect(await failures(guarded(roomy()), 2)).toEqual([]);
    const found = await failures(roomy(), 2);
    expect(found).toHaveLength(connectionCases.length - 4);
    expect(found).toContain("a statement without the handle is refused in a transaction: in a timer");
  });

  it("finds a connection that refuses what comes after the transaction, or from outside", async () => {
    const strict = roomy();
    let wasOpened = false;
    const query: SqlConnection["query"] = async (statement, values, handle) => {
      if (!handle && wasOpened) throw new TypeError("no");
      return strict.query(statement, values, handle);
    };
    const transaction: SqlConnection["transaction"] = (work) => {
      wasOpened = true;
      return work({});
    };
    const found = await failures({ ...strict, query, transaction }, 1);
    expect(found).toContain("work that a transaction started may go on after its end");
    expect(found).toContain("calls from outside are not refused while a transaction is open, and end");
  });

  it("asks for the driver, unless there's no control, and for a test runner", async () => {
    const make = () => ({ connection: guarded(roomy()) });
    const missing = "The subject has no driver. Pass one, or pass { control: false }.";
    expect(await messagesOf((runner) => connectionSuite(runner, "a pool", make))).toEqual([missing, missing]);
    const without = { sizes: [1], control: false };
    expect(await messagesOf((runner) => connectionSuite(runner, "a pool", make, without))).toEqual([]);
    expect(() => connectionSuite({}, "a pool", make)).toThrow(/Pass \{ describe, it \}/);
  });
});
