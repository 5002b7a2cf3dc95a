import { assertFunction, assertKnownKeys, UsageError } from "../../check-options.js";
import type { Awaitable, Users } from "../../types.js";

/** The options that every users table has in addition to its columns. `U` is the application's type of an account. */
export interface AccountOptions<U> {
  /** Returns the salted hash to store, made with argon2, bcrypt, or scrypt. Runs outside any transaction. */
  readonly hashPassword: (password: string, user: U) => Awaitable<string>;
  /**
   * Whether an account may reset its password.
   *
   * @default every account with an email address may
   */
  readonly eligible?: (user: U) => boolean;
  /**
   * Returns the canonical form of an identifier, such as a phone number without spaces.
   *
   * @default the identifier as typed
   */
  readonly normalize?: (typed: string) => string;
}

/** Checks the options that every users table has. */
export function accountOptions<U>(
  { hashPassword, eligible, normalize }: AccountOptions<U>,
  made: string,
): {
  readonly hashPassword: NonNullable<Users<U>["hashPassword"]>;
  readonly eligible: ((user: U) => boolean) | undefined;
  readonly normalize: Users<U>["normalize"];
} {
  assertFunction(
    hashPassword,
    `${made}'s hashPassword`,
    "pass a function that returns the hash to store, such as (password) => hash(password) with hash of @node-rs/argon2",
  );
  if (eligible) assertFunction(eligible, `${made}'s eligible`, "pass a function that returns true or false");
  if (normalize) assertFunction(normalize, `${made}'s normalize`, "pass a function of what was typed");
  return { hashPassword, eligible, normalize };
}

/** Checks `touch` and returns pairs of a column, which `named` makes from its name, and the function for its value. */
export function touchOf<Value, Named>(
  touch: Readonly<Record<string, Value>>,
  made: string,
  named: (name: string, option: string) => Named,
): readonly (readonly [Named, Value])[] {
  return Object.entries(touch).map(([name, value]) => {
    assertFunction(value, `${made}'s touch.${name}`, "pass a function that returns the value to set");
    return [named(name, "touch"), value] as const;
  });
}

/** Whether `sessions` names a table, as opposed to a function or `"none"`. Throws if it's none of these; the error shows `example`. */
export function areInTable<Given>(
  given: Given,
  {
    made,
    keys,
    example,
  }: { readonly made: string; readonly keys: readonly string[]; readonly example: string },
): given is Exclude<Given, string | ((...given: never[]) => unknown) | undefined> {
  if (given === "none" || typeof given === "function") return false;
  if (typeof given !== "object" || given === null) {
    throw new UsageError(
      `${made}'s sessions ${given === undefined ? "is missing" : `is ${JSON.stringify(given)}`}: pass ${example}, a function that ends the sessions of an account, or "none" if there are no sessions.`,
    );
  }
  assertKnownKeys(given as Readonly<Record<string, unknown>>, keys, `${made}'s sessions`);
  return true;
}

/** Tokens are bound to the hash, so storing the same hash again would leave every token of the account valid. */
export function assertSalted(hash: string, stored: unknown, made: string): void {
  if (hash !== stored) return;
  throw new UsageError(
    `${made}'s hashPassword returned the hash that is stored already. Salt each hash, as argon2 and bcrypt do.`,
  );
}

/** The values of an option as an array with at least one element. */
export function listOf<T>(given: T | readonly T[], option: string, example: string): readonly [T, ...T[]] {
  const [first, ...more] = [given].flat() as readonly T[];
  if (first !== undefined) return [first, ...more];
  throw new UsageError(`${option} is missing: pass ${example}.`);
}
