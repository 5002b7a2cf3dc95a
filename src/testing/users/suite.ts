import assert from "node:assert/strict";
import type { Awaitable } from "../../types.js";
import { registrationOf, type TestRunner } from "../runner.js";
import { hasPart, type UsersPart, type UsersSubject } from "./case.js";
import { usersCases } from "./cases.js";

/** The options of `usersSuite()`. */
export interface UsersSuiteOptions {
  /**
   * The optional parts that the accounts leave out. Their cases aren't registered.
   *
   * @default []
   */
  readonly lacks?: readonly UsersPart[];
}

/**
 * Registers tests for what resetkit requires of `users`. Most importantly, `setPassword` must compare and set in one
 * statement: with signed tokens, nothing else makes a link work only once. `make` returns the accounts for each case, on the
 * same kind of database as in production, and `close` is called after the case.
 *
 * A case is skipped if the part that it needs is missing. Name missing parts in `lacks` if your test runner can't skip a
 * running test (Jest, Bun), or to notice if a part is missing by mistake.
 *
 * @example
 * usersSuite({ describe, it }, "our accounts", () => ({ users, identifier: "ada@example.com" }));
 */
export function usersSuite<U>(
  runner: TestRunner,
  name: string,
  make: () => Awaitable<UsersSubject<U> & { readonly close?: () => Awaitable<unknown> }>,
  { lacks = [] }: UsersSuiteOptions = {},
): void {
  const { describe, test } = registrationOf(runner, "usersSuite");

  const withSubject = async (work: (subject: UsersSubject<U>) => Awaitable<void>) => {
    const subject = await make();
    try {
      await work(subject);
    } finally {
      await subject.close?.();
    }
  };

  describe(`${name} keep the promises of users`, () => {
    for (const one of usersCases) {
      const { needs } = one;
      if (needs && lacks.includes(needs)) continue;
      // Test runners treat a declared parameter as a callback to wait for. Rest parameters don't count.
      test(one.name, function (this: unknown, ...given: unknown[]) {
        return withSubject((subject) =>
          needs && !hasPart(subject, needs) ? skip(needs, [given[0], this]) : one.run(subject),
        );
      });
    }
    for (const part of lacks) {
      test(`has no ${part}, and doesn't seem to`, () =>
        withSubject((subject) =>
          assert.ok(!hasPart(subject, part), `The accounts have ${part}. Remove "${part}" from lacks.`),
        ));
    }
  });
}

/** Vitest and `node:test` pass a context that can skip. Mocha passes it as `this`. */
function skip(part: UsersPart, contexts: readonly unknown[]): void {
  const context = contexts.find(canSkip);
  assert.ok(
    context,
    `The accounts have no ${part}, and this test runner can't skip a running test. Pass { lacks: ["${part}"] }.`,
  );
  context.skip(`The accounts have no ${part}.`);
}

function canSkip(context: unknown): context is { skip(note: string): void } {
  return typeof (context as { readonly skip?: unknown } | null | undefined)?.skip === "function";
}
