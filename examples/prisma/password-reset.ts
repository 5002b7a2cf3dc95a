/**
 * Password reset for an application on Prisma and PostgreSQL: its own models, its own client, and password,
 * token and sessions in one transaction.
 *
 * @module
 */
import { hash } from "@node-rs/argon2";
import { passwordReset, type ResetOptions, type Users } from "resetkit";
import { prisma } from "resetkit/connections/prisma";
import { sqlStore } from "resetkit/stores/sql";
import { prismaUsers } from "resetkit/users/prisma";
import type { PrismaClient, User } from "./generated/client.js";

/** `migrate(prisma(client))`, or the SQL that `npx resetkit migrate --print` prints, has made the tables of resetkit. */
export function createReset(client: PrismaClient, options: Omit<ResetOptions<User>, "users" | "store">) {
  return passwordReset<User>({
    users: accounts(client),
    store: sqlStore(prisma(client)),
    throttles: "fair",
    ...options,
  });
}

/** `lock`, `setPassword`, and the end of the sessions share Prisma's own transaction. */
export function accounts(client: PrismaClient): Users<User> {
  return prismaUsers(client, "user", {
    identifier: "email",
    passwordHash: "passwordHash", // null if the user signs in another way, such as with a company account
    state: ["active"],
    eligible: (user) => user.active,
    hashPassword: (password) => hash(password),
    sessions: { table: "session", userId: "userId" },
  });
}
