import type { Awaitable, SqlConnection, Store } from "../../types.js";
import { registrationOf, type TestRunner } from "../runner.js";
import { type Combination, combinations, nameOf } from "./combinations.js";
import { never, runJob } from "./job.js";
import { peopleIn, peopleInMemory } from "./people.js";

/** What a combination is tested with. */
export interface CombinationSubject {
  /** A store that only the suite uses, with its tables. */
  readonly store: Store;
  /**
   * The store's connection. The suite creates a table of accounts on it, and also tests every combination with `users.lock`.
   * Leave it out if the store isn't in a SQL database: accounts are then kept in memory.
   */
  readonly connection?: SqlConnection;
  readonly close?: () => Awaitable<unknown>;
}

/** One combination of options, and a test that whole resets work with it. */
export interface CombinationCase {
  readonly name: string;
  /** Rejects if a step fails or doesn't end. `size` is the number of connections in the pool. */
  run(subject: CombinationSubject, size: number): Promise<void>;
}

/** The options of `combinationSuite()`. */
export interface CombinationSuiteOptions {
  /**
   * The pool sizes to test with. The number of concurrent confirms is the same. Pass `[1]` for a client with one connection.
   *
   * @default [1, 2, 10]
   */
  readonly sizes?: readonly number[];
  /**
   * Whether the store is in a SQL database, so that `users.lock` is tested as well.
   *
   * @default true
   */
  readonly lock?: boolean;
}

/** Every token strategy, with and without `users.lock`, with the worker inside and outside, and with all options and few. */
export function combinationCases({ lock = true }: CombinationSuiteOptions = {}): CombinationCase[] {
  return combinations({ lock }).map((combination) => ({
    name: nameOf(combination),
    run: (subject, size) => runCombination(combination, subject, size),
  }));
}

/** Runs one combination. A step that takes longer than `limit` milliseconds counts as hanging. */
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
 * Registers tests that options which work alone also work together. Each token strategy, with and without `users.lock`, goes
 * through whole resets on a real connection, with as many concurrent confirms as there are connections. `make` opens a pool
 * of the given size on an empty database.
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
