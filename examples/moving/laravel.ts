import { randomBytes } from "node:crypto";
import type { SqlConnection } from "resetkit/types";
import { sqlUsers } from "resetkit/users/sql";

/**
 * The users of a Laravel application, which goes on running beside this one.
 *
 * @param bcrypt - Hashes with bcrypt, such as `(password) => hash(password, 12)` of the package bcryptjs.
 */
export function laravelUsers(connection: SqlConnection, bcrypt: (password: string) => Promise<string>) {
  return sqlUsers(connection, {
    table: "users",
    identifier: "email",
    passwordHash: "password",
    // The same hash has another prefix in PHP, and Laravel refuses all others.
    hashPassword: async (password) => (await bcrypt(password)).replace(/^\$2[ab]\$/, "$2y$"),
    // As Laravel's own reset does: a new token ends "remember me" on every device.
    touch: { remember_token: () => randomBytes(30).toString("hex"), updated_at: () => new Date() },
    // SESSION_DRIVER=database. With other drivers, pass a function that ends them.
    sessions: { table: "sessions", userId: "user_id" },
  });
}
