import assert from "node:assert/strict";
import { registrationOf, type TestRunner } from "../runner.js";
import type { Awaitable, Throttle } from "../../types.js";
import { throttleCases, type ThrottleLimit } from "./cases.js";

/** A throttle to test. */
export interface ThrottleSubject {
  readonly throttle: Throttle;
  readonly close?: () => Awaitable<unknown>;
}

/** The options of `throttleSuite()`. */
export interface ThrottleSuiteOptions {
  /** Makes a throttle whose store can't be reached. Leave it out if the throttle has no store. */
  readonly unreachable?: () => Awaitable<ThrottleSubject>;
}

/**
 * Registers a test for every guarantee of `Throttle`. `make` returns a new throttle by IP address with the given limit, and
 * `close` is called after the case.
 *
 * @example
 * throttleSuite({ describe, it }, "our limiter", ({ max, per }) => ({ throttle: ourLimiter(max, per) }));
 */
export function throttleSuite(
  runner: TestRunner,
  name: string,
  make: (limit: ThrottleLimit) => Awaitable<ThrottleSubject>,
  { unreachable }: ThrottleSuiteOptions = {},
): void {
  const { describe, test } = registrationOf(runner, "throttleSuite");

  async function onSubject(
    making: Awaitable<ThrottleSubject>,
    run: (throttle: Throttle) => Promise<void>,
  ): Promise<void> {
    const { throttle, close } = await making;
    try {
      await run(throttle);
    } finally {
      await close?.();
    }
  }

  describe(`${name} keeps the promises of a throttle`, () => {
    for (const { name: promise, limit, run } of throttleCases)
      test(promise, () => onSubject(make(limit), (throttle) => run(throttle, limit)));
    if (!unreachable) return;
    test("rejects if its store can't be reached, and neither lets through nor refuses", () =>
      onSubject(unreachable(), (throttle) =>
        assert.rejects(async () => throttle.take({ stage: "request", ip: "192.0.2.1", now: Date.now() })),
      ));
  });
}
