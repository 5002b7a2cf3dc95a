/** The functions of a test runner: Vitest, Jest, and Mocha have `it`; `node:test` and Bun have `test`. */
export interface TestRunner {
  readonly describe?: (name: string, body: () => void) => unknown;
  readonly it?: (name: string, body: () => Promise<void>) => unknown;
  readonly test?: (name: string, body: () => Promise<void>) => unknown;
}

/** The functions that a suite registers its cases with. Throws a `TypeError` that names the suite if there are none. */
export function registrationOf({ describe = (_, body) => body(), it, test = it }: TestRunner, suite: string) {
  const register = it ?? test;
  if (!register) {
    throw new TypeError(`${suite} has no function to register tests with. Pass { describe, it }.`);
  }
  return { describe, test: register };
}
