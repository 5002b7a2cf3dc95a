import { integer, pgTable, serial, text } from "drizzle-orm/pg-core";

export const users = pgTable("users", {
  id: serial("id").primaryKey(),
  email: text("email").notNull().unique(),
  passwordHash: text("password_hash"), // null until the account has a password
});

export const sessions = pgTable("sessions", {
  cookieHash: text("cookie_hash").primaryKey(),
  userId: integer("user_id")
    .notNull()
    .references(() => users.id),
});
