import type { Awaitable, Users } from "../types.js";
import type { TestRunner } from "./store-suite.js";
import { usersCases } from "./users-cases.js";

/** An application's accounts, and one account that may reset its password. */
export interface UsersSubject<U> {
  readonly users: Users<U>;
  /** What the owner of that account would type. */
  readonly identifier: string;
  /** The tenant, where there are tenants. */
  readonly scope?: string;
  /** Runs work in a transaction of the database. Required where `users.lock` is there. */
  readonly transaction?: <T>(work: (transaction: any) => Promise<T>) => Promise<T>;
}

/** One promise of the port, and how to see whether an application keeps it. */
export interface UsersCase {
  readonly name: string;
  /** The case makes no sense without `users.lock`, or without `users.hashPassword`. */
  readonly needs?: "lock" | "hashPassword";
  /** Rejects where the promise is broken. Changes the account's password. */
  run(subject: UsersSubject<any>): Promise<void>;
}

export { usersCases };

/**
 * Registers with a test runner what resetkit needs of the port `users`, most of all that `setPassword` compares
 * and sets in one step: with signed tokens nothing else makes sure that a link works once. `make` gives the
 * accounts to each case, on a database as it is in production; `close` is called after it.
 *
 * Cases that need `lock` or `hashPassword` pass where `users` has none: what is not there promises nothing.
 *
 * @example
 * usersSuite({ describe, it }, "our accounts", () => ({ users, identifier: "ada@example.com" }));
 */
export function usersSuite<U>(
  runner: TestRunner,
  name: string,
  make: () => Awaitable<UsersSubject<U> & { readonly close?: () => Awaitable<unknown> }>,
): void {
  const { describe = (_: string, body: () => void) => body() } = runner;
  const test = runner.it ?? runner.test;
  if (!test) throw new TypeError("usersSuite got no function to register tests with: pass { describe, it }.");

  describe(`${name} keep the promises of users`, () => {
    for (const one of usersCases) {
      test(one.name, async () => {
        const subject = await make();
        try {
          if (!one.needs || subject.users[one.needs]) await one.run(subject);
        } finally {
          await subject.close?.();
        }
      });
    }
  });
}
