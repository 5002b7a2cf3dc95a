import type { Awaitable, Users } from "../../types.js";

/** What accounts may do without. Cases that need a part are skipped if it's missing. */
export type UsersPart = "lock" | "hashPassword" | "sessions" | "withoutPassword";

/** An application's accounts, and one account that may reset its password. */
export interface UsersSubject<U> {
  readonly users: Users<U>;
  /** What the user of that account would type. */
  readonly identifier: string;
  /** What else finds that account, such as a second email address or a username. */
  readonly otherIdentifiers?: readonly string[];
  /** The identifier of another account, which has no password yet. Leave it out if every account has one. */
  readonly withoutPassword?: string;
  /** Starts and counts sessions of an account, so that `revokeSessions` can be seen to end them. */
  readonly sessions?: {
    start(user: U): Awaitable<unknown>;
    count(user: U): Awaitable<number>;
  };
  /** The tenant, if there are tenants. */
  readonly scope?: string;
  /** Runs work in a transaction of the database. Required if `users.lock` is there. */
  readonly transaction?: <T>(work: (transaction: unknown) => Promise<T>) => Promise<T>;
}

/** Whatever its accounts are. */
export type AnySubject = UsersSubject<any>;

/** One promise of the port, and how to see whether an application keeps it. */
export interface UsersCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: UsersPart;
  /** Rejects if the promise is broken. Changes the account's password. */
  run(subject: AnySubject): Promise<void>;
}

export function hasPart(subject: AnySubject, part: UsersPart): boolean {
  const owner = part === "lock" || part === "hashPassword" ? subject.users : subject;
  return (owner as { readonly [name in UsersPart]?: unknown })[part] !== undefined;
}
