import { passwordReset } from "resetkit";
import { resetHandler } from "resetkit/adapters/hono";
import { d1 } from "resetkit/connections/d1";
import { byEmail } from "resetkit/delivery/email";
import { httpMailer } from "resetkit/delivery/http-mailer";
import { htmlPages } from "resetkit/pages";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import type { Env } from "./env.js";
import { hashPassword } from "./passwords.js";

// Cloudflare writes this header itself, whatever the client sends.
const proxy = { ipHeader: "cf-connecting-ip", trustProxy: 1 };

let made: Promise<ReturnType<typeof create>> | undefined;

/** One engine for all requests of this isolate. Its tables are created by the first of them. */
export const passwordResets = (env: Env) =>
  (made ??= migrate(d1(env.DB)).then(
    () => create(env),
    (error: unknown) => {
      made = undefined;
      throw error;
    },
  ));

function create(env: Env) {
  const connection = d1(env.DB);
  const reset = passwordReset({
    users: sqlUsers(connection, {
      table: "users",
      identifier: "email",
      passwordHash: "password_hash",
      hashPassword,
      sessions: { table: "sessions", userId: "user_id" },
    }),
    store: sqlStore(connection), // tokens, rate limits, and the queue, shared by all isolates
    secret: env.RESET_SECRET,
    url: `${env.APP_URL}/reset-password/{token}`,
    throttles: "fair",
    deliver: byEmail({
      transport: httpMailer({ provider: "postmark", apiKey: env.POSTMARK_TOKEN, endpoint: env.POSTMARK_URL }),
      from: "Example <no-reply@example.com>",
    }),
    worker: "waitUntil", // a Worker is frozen after its response, except for what it was asked to wait for
  });
  const pages = htmlPages(reset, { baseUrl: env.APP_URL, appName: "Example", ...proxy });
  return { reset, api: resetHandler(reset, proxy), pages: resetHandler(pages) };
}
