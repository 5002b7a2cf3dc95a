import { digest, random } from "#crypto";
import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { sameValues } from "../crypto/canonical.js";
import { base64url, utf8 } from "../crypto/encoding.js";
import { foldIdentifier } from "../identity/identifier.js";
import { writeUserId } from "../identity/user-id.js";
import type { Awaitable, StateValue, UserId, Users } from "../types.js";

/** The least that an account must have. */
export interface MemoryUser {
  readonly id: UserId;
  readonly email: string;
  /** If absent or null, the account has no password yet and can get its first one. */
  passwordHash?: string | null | undefined;
  /** If false, the account isn't eligible for a reset. */
  readonly active?: boolean | undefined;
}

/** The options of `memoryUsers()`. */
export interface MemoryUsersOptions {
  /**
   * Hashes passwords as your app does.
   *
   * @default salted SHA-256, which is too fast for real passwords
   */
  readonly hashPassword?: (password: string) => Awaitable<string>;
}

/**
 * Accounts in this process's memory, for trying resetkit and for tests. A reset changes `passwordHash` of the object that
 * was passed. There are no sessions; add yours with `{ ...memoryUsers(list), revokeSessions }`.
 *
 * @throws {TypeError} If an account has no `id` or `email`, or if two have the same `id`.
 */
export function memoryUsers<U extends MemoryUser>(
  list: readonly U[],
  options: MemoryUsersOptions = {},
): Users<U> {
  assertKnownKeys(options, ["hashPassword"], "memoryUsers");
  const { hashPassword = saltedHash } = options;
  assertFunction(hashPassword, "memoryUsers's hashPassword", "pass a function that returns the hash");
  const accounts = byId(list);
  const storedOf = (id: UserId) => accounts.get(writeUserId(id));

  return {
    findByIdentifier(email) {
      const typed = foldIdentifier(email);
      return [...accounts.values()].filter((user) => foldIdentifier(user.email) === typed).map(copyOf);
    },
    findById(id: UserId) {
      const stored = storedOf(id);
      return stored && copyOf(stored);
    },
    stateOf,
    mayReset: ({ active }) => active !== false,
    hashPassword,
    setPassword(user, hash, { expected }) {
      const stored = storedOf(user.id);
      if (!stored || !sameValues(stateOf(stored), expected)) return false;
      stored.passwordHash = hash;
      return true;
    },
    revokeSessions: "none",
  };
}

function byId<U extends MemoryUser>(list: readonly U[]): ReadonlyMap<string, U> {
  if (!Array.isArray(list)) {
    throw new UsageError(
      'memoryUsers takes an array of accounts, such as [{ id: 1, email: "ada@example.com" }].',
    );
  }
  const accounts = new Map<string, U>();
  for (const [index, user] of list.entries()) {
    if (typeof user?.email !== "string" || user.id === undefined || user.id === null) {
      throw new UsageError(
        `Account ${index} of memoryUsers lacks an id or an email. Pass both, such as { id: 1, email: "ada@example.com" }.`,
      );
    }
    const id = writeUserId(user.id);
    if (accounts.has(id)) {
      throw new UsageError(
        `Account ${index} of memoryUsers has the same id as an earlier one. Use a unique id.`,
      );
    }
    accounts.set(id, user);
  }
  return accounts;
}

function stateOf({ passwordHash, email, active }: MemoryUser): StateValue[] {
  // An account without a password has null, as in a table: undefined would look like a misspelled column.
  return [passwordHash ?? null, email, active !== false];
}

/** A lookup returns a snapshot, as a database does: later changes don't appear in it. */
function copyOf<U extends MemoryUser>(user: U): U {
  return { ...user };
}

async function saltedHash(password: string): Promise<string> {
  const salt = base64url(random(16));
  return `sha256:${salt}:${base64url(await digest("sha256", utf8(`${salt}${password}`)))}`;
}
