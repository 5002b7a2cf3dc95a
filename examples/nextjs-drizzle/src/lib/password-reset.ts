import { hash } from "@node-rs/argon2";
import { createTransport } from "nodemailer";
import { passwordReset } from "resetkit";
import { drizzle } from "resetkit/connections/drizzle";
import { toConsole } from "resetkit/delivery/console";
import { byEmail } from "resetkit/delivery/email";
import { htmlPages } from "resetkit/pages";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { drizzleUsers } from "resetkit/users/drizzle";
import { database } from "./database";
import { sessions, users } from "./schema";

/** One engine for all: Next.js loads this file more than once. */
const shared = globalThis as { resets?: ReturnType<typeof create> };

/** Created when it's first called, and not by `next build`, which has neither a database nor a secret. */
const resets = () => (shared.resets ??= create());

export const passwordResets = () => resets().reset;
export const pages = () => resets().pages;

/** Creates resetkit's tables, and sends emails that an earlier process left in the queue. */
export async function start(): Promise<void> {
  await migrate(drizzle(database()));
  void passwordResets().work();
}

// Next.js doesn't report the peer address. One reverse proxy writes X-Forwarded-For, so its last entry is the client.
export const options = { trustProxy: 1 };

function create() {
  const { PUBLIC_URL = "http://localhost:3000", RESET_SECRET, SMTP_URL } = process.env;
  const reset = passwordReset({
    users: drizzleUsers(database(), users, {
      identifier: users.email,
      passwordHash: users.passwordHash,
      hashPassword: (password) => hash(password),
      sessions: { table: sessions, userId: sessions.userId },
    }),
    store: sqlStore(drizzle(database())),
    secret: RESET_SECRET!,
    url: `${PUBLIC_URL}/reset-password/{token}`,
    throttles: "fair",
    deliver: SMTP_URL
      ? byEmail({ transport: createTransport(SMTP_URL), from: "Example <no-reply@example.com>" })
      : toConsole(),
  });
  return { reset, pages: htmlPages(reset, { baseUrl: PUBLIC_URL, appName: "Example", ...options }) };
}
