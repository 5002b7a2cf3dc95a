/**
 * What a connection guarantees about its transactions: a call that would wait for its own transaction is rejected.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Awaitable, SqlConnection } from "../../types.js";
import { registrationOf, type TestRunner } from "../runner.js";

/** A connection to test. */
export interface ConnectionSubject {
  readonly connection: SqlConnection;
  /**
   * Runs a statement with the driver itself, outside any transaction. The suite checks that such a call waits unless it's
   * rejected. If the driver never waits, such as better-sqlite3, leave this out and pass `control: false`.
   */
  readonly driver?: (text: string) => PromiseLike<unknown>;
  readonly close?: () => Awaitable<unknown>;
}

/** One guarantee of a connection, and a test for it. */
export interface ConnectionCase {
  readonly name: string;
  /** Whether the case needs `driver`. */
  readonly isControl?: boolean;
  /** Rejects if the guarantee is broken. `size` is the number of connections in the pool. */
  run(subject: ConnectionSubject, size: number): Promise<void>;
}

/** The options of `connectionSuite()`. */
export interface ConnectionSuiteOptions {
  /**
   * The pool sizes to test with. Pass `[1]` for a client with one connection.
   *
   * @default [1, 2]
   */
  readonly sizes?: readonly number[];
  /**
   * Whether the suite checks that calls with the driver itself wait.
   *
   * @default true
   */
  readonly control?: boolean;
}

const one = { text: "select 1 as one", rows: true } as const;
/** A limit in milliseconds for what would otherwise hang forever. It's long, so that a slow machine fails no test. */
const never = 20_000;
const aWhile = 200;

const pause = (milliseconds = 1) => new Promise((resolve) => setTimeout(resolve, milliseconds));

type Way = (call: () => Promise<unknown>) => Promise<unknown>;

const afterAnAwait: Way = async (call) => {
  await Promise.resolve();
  return call();
};

const inATimer: Way = async (call) => {
  await pause();
  return call();
};

/** The ways from the first line of a transaction to a call deep inside it. */
const ways: Readonly<Record<string, Way>> = {
  "in its first step": (call) => call(),
  "after an await": afterAnAwait,
  "in a timer": inATimer,
  "in a callback of a timer": (call) =>
    new Promise((resolve, reject) => setTimeout(() => void call().then(resolve, reject), 1)),
  "in nested functions": (call) => afterAnAwait(() => inATimer(call)),
};

export const connectionCases: readonly ConnectionCase[] = [
  {
    name: "statements run with the handle, and without one before and after",
    async run({ connection }) {
      await expectOne(connection);
      await inTransaction(connection, async (handle) => {
        await expectOne(connection, handle);
        await pause();
        await expectOne(connection, handle);
      });
      await expectOne(connection);
    },
  },
  ...Object.entries(ways).map(([place, way]): ConnectionCase => ({
    name: `a statement without the handle is refused in a transaction: ${place}`,
    run: ({ connection }) => refused(connection, () => way(() => connection.query(one, []))),
  })),
  ...Object.entries(ways).map(([place, way]): ConnectionCase => ({
    name: `a transaction is refused in a transaction: ${place}`,
    run: ({ connection }) => refused(connection, () => way(() => inTransaction(connection, async () => {}))),
  })),
  {
    name: "a refusal that is caught leaves the transaction as it was",
    async run({ connection }) {
      await within(
        never,
        inTransaction(connection, async (handle) => {
          await assert.rejects(connection.query(one, []), isRefusal);
          await expectOne(connection, handle);
        }),
      );
    },
  },
  {
    name: "calls are refused in as many transactions at once as there are connections",
    async run({ connection }, size) {
      const meet = meetingOf(size);
      const refusals = Array.from({ length: size }, () => {
        const transaction = inTransaction(connection, async () => {
          await meet();
          await connection.query(one, []);
        });
        return assert.rejects(within(never, transaction), isRefusal);
      });
      await Promise.all(refusals);
      await expectOne(connection);
    },
  },
  {
    name: "work that a transaction started may go on after its end",
    async run({ connection }) {
      let end!: () => void;
      const ended = new Promise<void>((resolve) => (end = resolve));
      let left: Promise<unknown>[] = [];
      await inTransaction(connection, async () => {
        const afterwards = () => ended.then(() => pause());
        left = [
          afterwards().then(() => expectOne(connection)),
          afterwards().then(() => inTransaction(connection, (handle) => expectOne(connection, handle))),
        ];
      });
      end();
      await within(never, Promise.all(left));
    },
  },
  {
    name: "and is refused again in a transaction of its own",
    async run({ connection }) {
      let left: Promise<unknown> | undefined;
      let end!: () => void;
      const ended = new Promise<void>((resolve) => (end = resolve));
      await inTransaction(connection, async () => {
        left = ended.then(() => refused(connection, () => connection.query(one, [])));
      });
      end();
      await left;
    },
  },
  {
    name: "calls from outside are not refused while a transaction is open, and end",
    async run({ connection }, size) {
      const meet = meetingOf(size + 1);
      const transactions = Array.from({ length: size }, () =>
        inTransaction(connection, async (handle) => {
          await meet();
          await pause();
          await expectOne(connection, handle);
        }),
      );
      await meet();
      const outside = [
        expectOne(connection),
        inTransaction(connection, (handle) => expectOne(connection, handle)),
      ];
      await within(never, Promise.all([...transactions, ...outside]));
    },
  },
  {
    name: "(control) without the refusal, such calls wait for as long as the transactions are open",
    isControl: true,
    async run({ connection, driver }, size) {
      const meet = meetingOf(size);
      assert.ok(driver, "The subject has no driver. Pass one, or pass { control: false }.");
      const calls: PromiseLike<unknown>[] = [];
      const transactions = Array.from({ length: size }, () =>
        inTransaction(connection, async () => {
          await meet();
          const call = Promise.resolve(driver(one.text));
          calls.push(call);
          await assert.rejects(within(aWhile, call), StillWaiting);
          // No transaction may end before all have waited: the first to end would free a connection for the others.
          await meet();
        }),
      );
      await within(never, Promise.all(transactions));
      await within(never, Promise.all(calls));
    },
  },
];

/**
 * Registers the cases with a test runner, once per pool size. `make` returns a new `SqlConnection` over a pool of that size.
 *
 * @example
 * connectionSuite({ describe, it }, "pg", (max) => {
 *   const pool = new Pool({ connectionString, max });
 *   return { connection: pg(pool), driver: (text) => pool.query(text), close: () => pool.end() };
 * });
 */
export function connectionSuite(
  runner: TestRunner,
  name: string,
  make: (size: number) => Awaitable<ConnectionSubject>,
  { sizes = [1, 2], control = true }: ConnectionSuiteOptions = {},
): void {
  const { describe, test } = registrationOf(runner, "connectionSuite");
  for (const size of sizes) {
    describe(`${name} waits for no transaction of its own, with ${size} in the pool`, () => {
      for (const { name, isControl, run } of connectionCases) {
        if (isControl && !control) continue;
        test(name, async () => {
          const subject = await make(size);
          try {
            await run(subject, size);
          } finally {
            await subject.close?.();
          }
        });
      }
    });
  }
}

/** A connection without transactions, such as D1's, can't wait for one of its own. */
function inTransaction<T>(connection: SqlConnection, work: (handle: unknown) => Promise<T>): Promise<T> {
  assert.ok(
    connection.transaction,
    "The connection has no transactions, so connectionSuite can't test them.",
  );
  return connection.transaction(work);
}

async function expectOne(connection: SqlConnection, handle?: unknown): Promise<void> {
  const { rows } = await connection.query(one, [], handle);
  assert.equal(Number(rows[0]?.one), 1);
}

/** Asserts that a call in a transaction is rejected with a helpful error, and that the connection still works afterward. */
async function refused(connection: SqlConnection, call: () => Promise<unknown>): Promise<void> {
  await assert.rejects(within(never, inTransaction(connection, call)), isRefusal);
  await within(never, expectOne(connection));
}

function isRefusal(error: unknown): boolean {
  assert.ok(error instanceof TypeError, String(error));
  assert.match(error.message, /missing the transaction's handle.*Pass the handle on/);
  return true;
}

class StillWaiting extends Error {}

async function within<T>(limit: number, work: PromiseLike<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StillWaiting(`Still waiting after ${limit} ms.`)), limit);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** A reusable barrier: each call waits until `size` calls have been made. */
function meetingOf(size: number): () => Promise<void> {
  let here: (() => void)[] = [];
  return () =>
    new Promise((resolve) => {
      here.push(resolve);
      if (here.length < size) return;
      for (const go of here) go();
      here = [];
    });
}
