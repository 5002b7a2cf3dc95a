import { hash } from "@node-rs/argon2";
import nodemailer from "nodemailer";
import { Pool, type PoolClient } from "pg";
import { passwordReset, type PasswordReset } from "resetkit";
import { pg } from "resetkit/connections/pg";
import { byEmail } from "resetkit/delivery/email";
import { migrate, sqlStore } from "resetkit/stores/sql";

interface User {
  id: number;
  email: string;
  /** Null if the user signs in another way, such as with a company account. */
  password_hash: string | null;
}

/** Next.js loads this file more than once: apart for instrumentation, and anew when it changes. One engine for all. */
const shared = globalThis as { pool?: Pool; reset?: PasswordReset<User> };

/** Made when it is first asked for, and not by `next build`, which has neither database nor secret. */
export const passwordResets = () => (shared.reset ??= create());

/** Adds the tables of resetkit, and mails what an earlier process left behind. */
export async function start(): Promise<void> {
  const reset = passwordResets();
  await migrate(pg(shared.pool!));
  void reset.work();
}

function create(): PasswordReset<User> {
  const pool = (shared.pool = new Pool({ connectionString: process.env.DATABASE_URL }));

  return passwordReset<User>({
    users: {
      findByIdentifier: async (email) =>
        (await pool.query("select * from users where lower(email) = lower($1)", [email])).rows,
      findById: async (id) => (await pool.query("select * from users where id = $1", [id])).rows[0],
      stateOf: (user) => [user.password_hash, user.email],
      hashPassword: (password) => hash(password),
      lock: async (id, { transaction }) =>
        (await (transaction as PoolClient).query("select * from users where id = $1 for update", [id]))
          .rows[0],
      setPassword: async (user, hashed, { expected, transaction }) => {
        const text = `update users set password_hash = $1
          where id = $2 and password_hash is not distinct from $3 and email is not distinct from $4`;
        const { rowCount } = await (transaction as PoolClient).query(text, [hashed, user.id, ...expected]);
        return rowCount === 1;
      },
      revokeSessions: async (user, { transaction }) => {
        await (transaction as PoolClient).query("delete from sessions where user_id = $1", [user.id]);
      },
    },
    secret: process.env.RESET_SECRET!, // at least 32 random bytes
    store: sqlStore(pg(pool)),
    url: `${process.env.PUBLIC_URL}/reset-password/{token}`,
    throttles: "fair",
    deliver: byEmail({
      transport: nodemailer.createTransport(process.env.SMTP_URL),
      from: "Example <no-reply@example.com>",
    }),
  });
}
