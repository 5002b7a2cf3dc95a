import { hash } from "@node-rs/argon2";
import { createTransport } from "nodemailer";
import { passwordReset } from "resetkit";
import { pg } from "resetkit/connections/pg";
import { toConsole } from "resetkit/delivery/console";
import { byEmail } from "resetkit/delivery/email";
import { createHandler } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import { pool } from "./database";

const { PUBLIC_URL = "http://localhost:3000", RESET_SECRET, SMTP_URL } = process.env;
const connection = pg(pool);

/** Creates resetkit's tables. */
export const migrated = migrate(connection);

export const reset = passwordReset({
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

// One reverse proxy stands in front, and writes X-Forwarded-For.
export const handler = createHandler(reset, { basePath: "/api/password_reset", trustProxy: 1 });
