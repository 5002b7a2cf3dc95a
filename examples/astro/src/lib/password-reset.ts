import { hash } from "@node-rs/argon2";
import { createTransport } from "nodemailer";
import { passwordReset } from "resetkit";
import { createClient } from "resetkit/client";
import { pg } from "resetkit/connections/pg";
import { toConsole } from "resetkit/delivery/console";
import { byEmail } from "resetkit/delivery/email";
import { createHandler } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import { pool } from "./database";

const { PUBLIC_URL = "http://localhost:4321", RESET_SECRET, SMTP_URL } = process.env;
const connection = pg(pool);
await migrate(connection); // creates resetkit's tables

const reset = passwordReset({
  users: sqlUsers(connection, {
    table: "users",
    identifier: "email",
    passwordHash: "password_hash",
    hashPassword: (password) => hash(password),
    sessions: { table: "sessions", userId: "user_id" },
  }),
  store: sqlStore(connection),
  secret: RESET_SECRET!,
  url: `${PUBLIC_URL}/reset-password/{token}`,
  throttles: "fair",
  deliver: SMTP_URL
    ? byEmail({ transport: createTransport(SMTP_URL), from: "Example <no-reply@example.com>" })
    : toConsole(),
});
void reset.work(); // sends emails, including those that an earlier process left in the queue

// One reverse proxy stands in front, and writes X-Forwarded-For.
export const handler = createHandler(reset, { basePath: "/api/password_reset", trustProxy: 1 });

/** A client for the forms of this server: it calls the handler without a connection, in the name of a request. */
export function clientFor(request: Request, peer: string) {
  const baseUrl = `${PUBLIC_URL}/api/password_reset`;
  return createClient({
    baseUrl,
    fetch(url, init) {
      const headers = new Headers(init?.headers);
      for (const name of ["accept-language", "user-agent", "x-forwarded-for"]) {
        const value = request.headers.get(name);
        if (value) headers.set(name, value);
      }
      return handler(new Request(url, { ...init, headers }), { peer });
    },
  });
}
