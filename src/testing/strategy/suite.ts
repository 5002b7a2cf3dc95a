import type { Awaitable } from "../../types.js";
import { registrationOf, type TestRunner } from "../runner.js";
import type { StrategyCase, StrategyPart } from "./case.js";
import { claimCases } from "./claims.js";
import { mailCases } from "./mails.js";
import { createBench, type StrategySubject } from "./samples.js";
import { tokenCases } from "./tokens.js";

/** The options of `strategySuite()`. */
export interface StrategySuiteOptions {
  /**
   * The parts that the strategy leaves out.
   *
   * @default []
   */
  readonly lacks?: readonly StrategyPart[];
}

/** A test for every guarantee of a token strategy, including races of 200 concurrent calls. */
export const strategyCases: readonly StrategyCase[] = [...tokenCases, ...claimCases, ...mailCases];

/** Runs one case on a fresh subject. */
export function runStrategyCase(one: StrategyCase, subject: StrategySubject): Promise<void> {
  return one.run(createBench(subject));
}

/**
 * Registers the cases with a test runner. `make` returns a strategy and empty stores for each case, and `close` is called
 * after the case. The suite's accounts have what the default mapping of `djangoTokens` needs.
 *
 * @example
 * strategySuite({ describe, it }, "my tokens", () => ({ strategy: myTokens(), counters: memoryStore().counters }));
 */
export function strategySuite(
  runner: TestRunner,
  name: string,
  make: () => Awaitable<StrategySubject & { readonly close?: () => Awaitable<unknown> }>,
  { lacks = [] }: StrategySuiteOptions = {},
): void {
  const { describe, test } = registrationOf(runner, "strategySuite");

  describe(`${name} keep the promises of a strategy`, () => {
    for (const one of strategyCases) {
      if (one.needs && lacks.includes(one.needs)) continue;
      test(one.name, async () => {
        const subject = await make();
        try {
          await runStrategyCase(one, subject);
        } finally {
          await subject.close?.();
        }
      });
    }
  });
}
