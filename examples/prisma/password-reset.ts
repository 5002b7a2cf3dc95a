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
import type { Prisma, PrismaClient, User } from "./generated/client.js";

/** `migrate(prisma(client))`, or the SQL that `npx resetkit migrate --print` prints, has made the tables of resetkit. */
export function createReset(client: PrismaClient, options: Omit<ResetOptions<User>, "users" | "store">) {
  return passwordReset<User>({
    users: accounts(client),
    store: sqlStore(prisma(client)),
    throttles: "fair",
    ...options,
  });
}

/** The handle that `lock`, `setPassword` and `revokeSessions` get is Prisma's own `tx`. */
export function accounts(client: PrismaClient): Users<User> {
  return {
    findByIdentifier: (email) =>
      client.user.findMany({ where: { email: { equals: email, mode: "insensitive" } } }),

    findById: (id: number) => client.user.findUnique({ where: { id } }),

    stateOf: (user) => [user.passwordHash, user.email, user.active],
    mayReset: (user) => user.active,
    hashPassword: (password) => hash(password),

    async lock(id: number, { transaction }) {
      const tx: Prisma.TransactionClient = transaction;
      await tx.$queryRaw`select id from users where id = ${id} for update`;
      return tx.user.findUnique({ where: { id } });
    },

    async setPassword(user, passwordHash, { expected, transaction }) {
      const tx: Prisma.TransactionClient = transaction ?? client;
      const [oldHash, email, active] = expected as [string | null, string, boolean];
      const asExpected = { id: user.id, passwordHash: oldHash, email, active }; // Prisma writes null as `is null`
      const { count } = await tx.user.updateMany({ where: asExpected, data: { passwordHash } });
      return count === 1;
    },

    async revokeSessions(user, { transaction }) {
      const tx: Prisma.TransactionClient = transaction ?? client;
      await tx.session.deleteMany({ where: { userId: user.id } });
    },
  };
}
