import type { Awaitable, Users } from "../../types.js";

/** The optional parts of accounts. Cases that need a part are skipped if it's missing. */
export type UsersPart = "lock" | "hashPassword" | "sessions" | "withoutPassword";

/** An application's accounts, and one account that may reset its password. */
export interface UsersSubject<U> {
  readonly users: Users<U>;
  /** The identifier that the account's user would type. */
  readonly identifier: string;
  /** Other identifiers that find the account, such as a second email address or a username. */
  readonly otherIdentifiers?: readonly string[];
  /** The identifier of another account, which has no password yet. Leave it out if every account has one. */
  readonly withoutPassword?: string;
  /** Starts and counts an account's sessions, to test `revokeSessions`. */
  readonly sessions?: {
    start(user: U): Awaitable<unknown>;
    count(user: U): Awaitable<number>;
  };
  /** The tenant, if there are tenants. */
  readonly scope?: string;
  /** Runs work in a transaction of the database. Required if `users` has `lock`. */
  readonly transaction?: <T>(work: (transaction: unknown) => Promise<T>) => Promise<T>;
}

/** A subject with any type of account. */
export type AnySubject = UsersSubject<any>;

/** One guarantee of the port, and a test for it. */
export interface UsersCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: UsersPart;
  /** Rejects if the guarantee is broken. Changes the account's password. */
  run(subject: AnySubject): Promise<void>;
}

export function hasPart(subject: AnySubject, part: UsersPart): boolean {
  const owner = part === "lock" || part === "hashPassword" ? subject.users : subject;
  return (owner as { readonly [name in UsersPart]?: unknown })[part] !== undefined;
}
