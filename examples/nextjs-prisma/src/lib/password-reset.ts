import { hash } from "@node-rs/argon2";
import { createTransport } from "nodemailer";
import { passwordReset, type PasswordReset } from "resetkit";
import { prisma } from "resetkit/connections/prisma";
import { toConsole } from "resetkit/delivery/console";
import { byEmail } from "resetkit/delivery/email";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { prismaUsers } from "resetkit/users/prisma";
import type { User } from "@/generated/prisma/client";
import { database } from "./database";

/** One engine for all: Next.js loads this file more than once. */
const shared = globalThis as { reset?: PasswordReset<User> };

/** Created when it's first called, and not by `next build`, which has neither a database nor a secret. */
export const passwordResets = () => (shared.reset ??= create());

/** Creates resetkit's tables, and sends emails that an earlier process left in the queue. */
export async function start(): Promise<void> {
  await migrate(prisma(database()));
  void passwordResets().work();
}

function create(): PasswordReset<User> {
  const { PUBLIC_URL = "http://localhost:3000", RESET_SECRET, SMTP_URL } = process.env;
  return passwordReset<User>({
    users: prismaUsers(database(), "user", {
      identifier: "email",
      passwordHash: "passwordHash",
      hashPassword: (password) => hash(password),
      sessions: { table: "session", userId: "userId" },
    }),
    store: sqlStore(prisma(database())),
    secret: RESET_SECRET!,
    url: `${PUBLIC_URL}/reset-password/{token}`,
    throttles: "fair",
    deliver: SMTP_URL
      ? byEmail({ transport: createTransport(SMTP_URL), from: "Example <no-reply@example.com>" })
      : toConsole(),
  });
}
