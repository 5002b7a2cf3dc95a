import { env } from "$env/dynamic/private";
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

let made: ReturnType<typeof create> | undefined;

/** Created when it's first called, and not by `vite build`, which has neither a database nor a secret. */
export const passwordResets = () => (made ??= create());

/** Creates resetkit's tables, and sends emails that an earlier process left in the queue. */
export async function start(): Promise<void> {
  await migrate(pg(pool));
  const { reset } = passwordResets();
  void reset.work();
  process.once("sveltekit:shutdown", () => void reset.close());
}

function create() {
  const { ORIGIN = "http://localhost:5173", RESET_SECRET, SMTP_URL } = env;
  const connection = pg(pool);
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
    url: `${ORIGIN}/reset-password/{token}`,
    throttles: "fair",
    deliver: SMTP_URL
      ? byEmail({ transport: createTransport(SMTP_URL), from: "Example <no-reply@example.com>" })
      : toConsole(),
  });
  return { reset, handler: createHandler(reset, { basePath: "/api/password_reset" }) };
}
