/**
 * Password reset for an application on Drizzle and PostgreSQL: its own tables, its own client, and password,
 * token and sessions in one transaction.
 *
 * @module
 */
import { hash } from "@node-rs/argon2";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { boolean, integer, pgTable, serial, text } from "drizzle-orm/pg-core";
import { passwordReset, type ResetOptions, type Users } from "resetkit";
import { drizzle } from "resetkit/connections/drizzle";
import { sqlStore } from "resetkit/stores/sql";
import { drizzleUsers } from "resetkit/users/drizzle";

export const users = pgTable("users", {
  id: serial("id").primaryKey(),
  email: text("email").notNull().unique(),
  passwordHash: text("password_hash"), // null if the user signs in another way, such as with a company account
  active: boolean("active").notNull().default(true),
});

export const sessions = pgTable("sessions", {
  cookieHash: text("cookie_hash").primaryKey(),
  userId: integer("user_id").notNull(),
});

export type User = typeof users.$inferSelect;

/** `migrate(drizzle(db))`, or the SQL that `npx resetkit migrate --print` prints, has made the tables of resetkit. */
export function createReset(db: NodePgDatabase, options: Omit<ResetOptions<User>, "users" | "store">) {
  return passwordReset<User>({
    users: accounts(db),
    store: sqlStore(drizzle(db)),
    throttles: "fair",
    ...options,
  });
}

/** `lock`, `setPassword`, and the end of the sessions share Drizzle's own transaction. */
export function accounts(db: NodePgDatabase): Users<User> {
  return drizzleUsers(db, users, {
    identifier: users.email,
    passwordHash: users.passwordHash,
    state: [users.active],
    eligible: (user) => user.active,
    hashPassword: (password) => hash(password),
    sessions: { table: sessions, userId: sessions.userId },
  });
}
