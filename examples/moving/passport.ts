import type { Pool } from "pg";
import { pg } from "resetkit/connections/pg";
import { sqlUsers } from "resetkit/users/sql";

/**
 * The users of an Express application as tutorials write it: Passport, sessions in PostgreSQL by connect-pg-simple, and
 * `reset_password_token` and `reset_password_expires` in the table of users.
 */
export function passportUsers(pool: Pool, hashPassword: (password: string) => Promise<string>) {
  return sqlUsers(pg(pool), {
    table: "users",
    identifier: "email",
    passwordHash: "password_hash",
    hashPassword,
    // Links that the old code sent end with the old password. Then drop both columns.
    touch: { reset_password_token: () => null, reset_password_expires: () => null },
    // The account is inside the JSON of a session.
    sessions: (user, { transaction = pool }) =>
      transaction.query("delete from session where sess -> 'passport' ->> 'user' = $1", [String(user["id"])]),
  });
}
