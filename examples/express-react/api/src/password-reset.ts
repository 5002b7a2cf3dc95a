import { hash } from "@node-rs/argon2";
import { createTransport } from "nodemailer";
import { passwordReset } from "resetkit";
import { pg } from "resetkit/connections/pg";
import { toConsole } from "resetkit/delivery/console";
import { byEmail } from "resetkit/delivery/email";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import { pool } from "./database.js";

const { RESET_SECRET, SMTP_URL, WEB_URL = "http://localhost:5173" } = process.env;
const connection = pg(pool);
await migrate(connection);

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
  url: `${WEB_URL}/reset-password/{token}`, // a page of the front end, not of this API
  throttles: "fair",
  deliver: SMTP_URL
    ? byEmail({ transport: createTransport(SMTP_URL), from: "Example <no-reply@example.com>" })
    : toConsole(),
});
