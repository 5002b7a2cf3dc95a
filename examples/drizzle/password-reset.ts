/**
 * Password reset for an application on Drizzle and PostgreSQL: its own tables, its own client, and password,
 * token and sessions in one transaction.
 *
 * @module
 */
import { hash } from "@node-rs/argon2";
import { and, eq, sql } from "drizzle-orm";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { boolean, integer, pgTable, serial, text } from "drizzle-orm/pg-core";
import { passwordReset, type ResetOptions, type Users } from "resetkit";
import { drizzle } from "resetkit/connections/drizzle";
import { sqlStore } from "resetkit/stores/sql";

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
type Tx = Pick<NodePgDatabase, "select" | "update" | "delete">;

/** `migrate(drizzle(db))`, or the SQL that `npx resetkit migrate --print` prints, has made the tables of resetkit. */
export function createReset(db: NodePgDatabase, options: Omit<ResetOptions<User>, "users" | "store">) {
  return passwordReset<User>({
    users: accounts(db),
    store: sqlStore(drizzle(db)),
    throttles: "fair",
    ...options,
  });
}

/** The handle that `lock`, `setPassword` and `revokeSessions` get is Drizzle's own `tx`. */
export function accounts(db: NodePgDatabase): Users<User> {
  return {
    findByIdentifier: (email) =>
      db
        .select()
        .from(users)
        .where(eq(sql`lower(${users.email})`, email.toLowerCase())),

    findById: async (id: number) => (await db.select().from(users).where(eq(users.id, id)))[0],

    stateOf: (user) => [user.passwordHash, user.email, user.active],
    mayReset: (user) => user.active,
    hashPassword: (password) => hash(password),

    async lock(id: number, { transaction }) {
      const tx: Tx = transaction;
      return (await tx.select().from(users).where(eq(users.id, id)).for("update"))[0];
    },

    async setPassword(user, passwordHash, { expected, transaction }) {
      const tx: Tx = transaction ?? db;
      const [oldHash, email, active] = expected as [string | null, string, boolean];
      const isOldHash = sql`${users.passwordHash} is not distinct from ${oldHash}`;
      const changed = await tx
        .update(users)
        .set({ passwordHash })
        .where(and(eq(users.id, user.id), isOldHash, eq(users.email, email), eq(users.active, active)));
      return changed.rowCount === 1;
    },

    async revokeSessions(user, { transaction }) {
      const tx: Tx = transaction ?? db;
      await tx.delete(sessions).where(eq(sessions.userId, user.id));
    },
  };
}
