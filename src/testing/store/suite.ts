import assert from "node:assert/strict";
import type { Awaitable, Store } from "../../types.js";
import { givenTime } from "../queue/case.js";
import type { StoreCase, StorePart } from "./case.js";
import { counterCases } from "./counters.js";
import { issuedCases } from "./issued.js";
import { leaseCases } from "./leases.js";
import { queueCases } from "../queue/cases.js";
import { roomCases } from "./room.js";
import { successorCases } from "./successors.js";
import { tokenCases } from "./tokens.js";
import { registrationOf, type TestRunner } from "../runner.js";
import { transactionCases } from "./transactions.js";

/** The options of `storeSuite()`. */
export interface StoreSuiteOptions {
  /**
   * The optional parts that the store leaves out.
   *
   * @default []
   */
  readonly lacks?: readonly StorePart[];
}

/**
 * A test for every guarantee of `Store`, including races of 200 concurrent calls.
 *
 * Times are around the year 2100, so that a store that also expires rows by its own clock doesn't interfere.
 */
export const storeCases: readonly StoreCase[] = [
  ...tokenCases,
  ...leaseCases,
  ...roomCases,
  ...successorCases,
  ...issuedCases,
  ...counterCases,
  ...queueCases.map(({ name, run }): StoreCase => ({
    name,
    needs: "queue",
    async run({ queue }) {
      assert.ok(queue, "The store has no queue, and this case needs one.");
      await run(queue, givenTime());
    },
  })),
  ...transactionCases,
];

/**
 * Registers the cases with a test runner. `make` returns an empty store for each case, and `close` is called after the case.
 *
 * @example
 * storeSuite({ describe, it }, "my store", async () => ({ store: myStore(), close: async () => {} }));
 */
export function storeSuite(
  runner: TestRunner,
  name: string,
  make: () => Awaitable<{ readonly store: Store; readonly close?: () => Awaitable<unknown> }>,
  { lacks = [] }: StoreSuiteOptions = {},
): void {
  const { describe, test } = registrationOf(runner, "storeSuite");

  const withStore = async (work: (store: Store) => Awaitable<void>) => {
    const { store, close } = await make();
    try {
      await work(store);
    } finally {
      await close?.();
    }
  };

  describe(`${name} keeps the promises of a store`, () => {
    for (const one of storeCases) {
      if (one.needs && lacks.includes(one.needs)) continue;
      test(one.name, () =>
        withStore((store) => {
          if (one.needs) {
            assert.ok(store[one.needs], `The store has no ${one.needs}. Pass { lacks: ["${one.needs}"] }.`);
          }
          return one.run(store);
        }),
      );
    }
    for (const part of lacks) {
      test(`has no ${part}, and does not seem to`, () =>
        withStore((store) => assert.equal(store[part], undefined)));
    }
  });
}
