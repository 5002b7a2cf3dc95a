import type { Awaitable, SqlConnection, Store } from "../../types.js";
import { registrationOf, type TestRunner } from "../runner.js";
import { type Combination, combinations, nameOf } from "./combinations.js";
import { never, runJob } from "./job.js";
import { peopleIn, peopleInMemory } from "./people.js";

export interface CombinationSubject {
  /** A store for the suite alone, with its tables. */
  readonly store: Store;
  /**
   * The connection that the store works on. The suite keeps accounts in a table beside the store's, and also drives every
   * combination with `users.lock`. Leave it out if the store isn't in an SQL database: accounts are then kept in memory.
   */
  readonly connection?: SqlConnection;
  readonly close?: () => Awaitable<unknown>;
}

/** One combination of options, and how to see whether the whole job works with it. */
export interface CombinationCase {
  readonly name: string;
  /** Rejects if a step fails or doesn't end. `size` is the number of connections in the pool. */
  run(subject: CombinationSubject, size: number): Promise<void>;
}

export interface CombinationSuiteOptions {
  /**
   * Sizes of the pools to test with; the suite confirms as often at once. Pass `[1]` for a client that has one connection.
   *
   * @default [1, 2, 10]
   */
  readonly sizes?: readonly number[];
  /**
   * Whether the store is in an SQL database, so that `users.lock` is tested as well.
   *
   * @default true
   */
  readonly lock?: boolean;
}

/** Every kind of token, with and without `users.lock`, with the worker inside and outside, with every option and with few. */
export function combinationCases({ lock = true }: CombinationSuiteOptions = {}): CombinationCase[] {
  return combinations({ lock }).map((combination) => ({
    name: nameOf(combination),
    run: (subject, size) => runCombination(combination, subject, size),
  }));
}

/** Runs one; a step that takes longer than `limit` milliseconds counts as one that never ends. */
export async function runCombination(
  combination: Combination,
  { store, connection }: CombinationSubject,
  size: number,
  limit = never,
): Promise<void> {
  const people = connection ? await peopleIn(connection, combination) : peopleInMemory(combination);
  await runJob(combination, { store, people, size, limit });
}

/**
 * Registers with a test runner whether options that work alone work together: each kind of token, with and without
 * `users.lock`, is driven through the whole job on a real connection, with as many confirms at once as there are connections.
 * `make` opens a pool of the given size on an empty database.
 *
 * @example
 * combinationSuite({ describe, it }, "our database", async (max) => {
 *   const pool = new Pool({ connectionString, max });
 *   await migrate(pg(pool));
 *   return { store: sqlStore(pg(pool)), connection: pg(pool), close: () => pool.end() };
 * });
 */
export function combinationSuite(
  runner: TestRunner,
  name: string,
  make: (size: number) => Awaitable<CombinationSubject>,
  options: CombinationSuiteOptions = {},
): void {
  const { describe, test } = registrationOf(runner, "combinationSuite");
  for (const size of options.sizes ?? [1, 2, 10]) {
    describe(`every combination works with ${name}, on ${size} connection${size === 1 ? "" : "s"}`, () => {
      for (const one of combinationCases(options)) {
        test(one.name, async () => {
          const subject = await make(size);
          try {
            await one.run(subject, size);
          } finally {
            await subject.close?.();
          }
        });
      }
    });
  }
}
