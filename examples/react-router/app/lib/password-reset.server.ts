import { hash } from "@node-rs/argon2";
import { createTransport } from "nodemailer";
import { passwordReset } from "resetkit";
import { pg } from "resetkit/connections/pg";
import { toConsole } from "resetkit/delivery/console";
import { byEmail } from "resetkit/delivery/email";
import { createHandler } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import { pool } from "./database.server";

const { PUBLIC_URL = "http://localhost:3000", RESET_SECRET, SMTP_URL } = process.env;
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

// React Router doesn't report the peer address. One reverse proxy writes X-Forwarded-For: its last entry is the client.
export const handler = createHandler(reset, { basePath: "/api/password_reset", trustProxy: 1 });
