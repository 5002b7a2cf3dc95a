import type { Awaitable } from "../../types.js";
import { registrationOf, type TestRunner } from "../runner.js";
import type { StrategyCase, StrategyPart } from "./case.js";
import { claimCases } from "./claims.js";
import { mailCases } from "./mails.js";
import { createBench, type StrategySubject } from "./samples.js";
import { tokenCases } from "./tokens.js";

export interface StrategySuiteOptions {
  /** The parts that the strategy does without. Default: none. */
  readonly lacks?: readonly StrategyPart[];
}

/** Every promise of a kind of token, races included: simultaneous calls are 200. */
export const strategyCases: readonly StrategyCase[] = [...tokenCases, ...claimCases, ...mailCases];

/** Runs one case on a fresh subject. */
export function runStrategyCase(one: StrategyCase, subject: StrategySubject): Promise<void> {
  return one.run(createBench(subject));
}

/**
 * Registers the cases with a test runner. `make` gives a strategy and empty stores to each; `close` is called
 * after it. The default mapping of accounts is enough for `djangoTokens`.
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
