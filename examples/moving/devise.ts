import type { SqlConnection } from "resetkit/types";
import { sqlUsers } from "resetkit/users/sql";

/**
 * The users of a Rails application with Devise, which goes on running beside this one.
 *
 * @param bcrypt - Hashes with bcrypt, such as `(password) => hash(password, 12)` of the package bcryptjs.
 * @param pepper - `config.pepper` of Devise, if it's set.
 */
export function deviseUsers(
  connection: SqlConnection,
  bcrypt: (password: string) => Promise<string>,
  pepper = "",
) {
  return sqlUsers(connection, {
    table: "users",
    identifier: "email",
    passwordHash: "encrypted_password",
    hashPassword: (password) => bcrypt(password + pepper),
    // Devise stores addresses in lower case, without blanks around them.
    normalize: (typed) => typed.trim().toLowerCase(),
    // A link that Devise sent before, and "remember me", end with the old password.
    touch: {
      reset_password_token: () => null,
      reset_password_sent_at: () => null,
      remember_created_at: () => null,
      updated_at: () => new Date(),
    },
    // Devise's session cookie has the beginning of the hash in it, so every session ends with the old password.
    sessions: "none",
  });
}
