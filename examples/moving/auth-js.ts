import type { SqlConnection } from "resetkit/types";
import { sqlUsers } from "resetkit/users/sql";

/**
 * The users of Auth.js with its Credentials provider, which keeps sessions in signed cookies: they can't be deleted, so the
 * column `password_changed_at` says which are too old. See `isTooOld`.
 */
export function authJsUsers(connection: SqlConnection, hashPassword: (password: string) => Promise<string>) {
  return sqlUsers(connection, {
    table: "users",
    identifier: "email",
    passwordHash: "password_hash",
    hashPassword,
    touch: { password_changed_at: () => new Date() },
    sessions: "none",
  });
}

/**
 * For the `jwt` callback of Auth.js, which returns `null` to end a session:
 * `if (isTooOld(token, await passwordChangedAt(token.sub))) return null`.
 */
export function isTooOld(token: { readonly iat?: number }, changedAt: Date | null): boolean {
  // `iat` is in whole seconds. A sign-in within the second of the change has to sign in again.
  return changedAt !== null && (token.iat ?? 0) * 1_000 <= changedAt.getTime();
}
