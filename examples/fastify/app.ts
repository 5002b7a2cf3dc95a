/**
 * An application on Fastify and PostgreSQL: its own accounts, sessions, and sign-in, with password reset
 * added. Password, token, and sessions change in one transaction.
 *
 * The limit: `/login` has no throttle; a real one needs one that counts failures.
 *
 * @module
 */
import { hash, verify } from "@node-rs/argon2";
import fastify from "fastify";
import nodemailer from "nodemailer";
import { createHash, randomBytes } from "node:crypto";
import { Pool, type PoolClient } from "pg";
import { passwordReset } from "resetkit";
import { resetPlugin } from "resetkit/adapters/fastify";
import { pg } from "resetkit/connections/pg";
import { byEmail } from "resetkit/delivery/email";
import { migrate, sqlStore } from "resetkit/stores/sql";

interface User {
  id: number;
  email: string;
  /** Null if the user signs in another way, such as with a company account. */
  password_hash: string | null;
}

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
await pool.query(`
  create table if not exists users (id serial primary key, email text not null, password_hash text);
  create unique index if not exists users_email on users (lower(email));
  create table if not exists sessions (cookie_hash text primary key, user_id integer not null);`);
await migrate(pg(pool));

async function find(where: string, value: unknown, on: Pool | PoolClient = pool): Promise<User | undefined> {
  return (await on.query<User>(`select * from users where ${where}`, [value])).rows[0];
}

const reset = passwordReset<User>({
  users: {
    findByIdentifier: (email) => find("lower(email) = lower($1)", email),
    findById: (id) => find("id = $1", id),
    stateOf: (user) => [user.password_hash, user.email],
    hashPassword: (password) => hash(password),
    lock: (id, { transaction }) => find("id = $1 for update", id, transaction),
    async setPassword(user, hashed, { expected: [oldHash, email], transaction = pool }) {
      const { rowCount } = await transaction.query(
        `update users set password_hash = $1
         where id = $2 and password_hash is not distinct from $3 and email is not distinct from $4`,
        [hashed, user.id, oldHash, email],
      );
      return rowCount === 1;
    },
    revokeSessions: (user, { transaction = pool }) =>
      transaction.query("delete from sessions where user_id = $1", [user.id]),
  },
  secret: process.env.RESET_SECRET!,
  store: sqlStore(pg(pool)),
  url: `${process.env.PUBLIC_URL}/reset-password/{token}`,
  throttles: "fair",
  deliver: byEmail({
    transport: nodemailer.createTransport(process.env.SMTP_URL),
    from: "Example <no-reply@example.com>",
  }),
});

// Only if the hash is still the one that was verified: a sign-in must not outlive a reset that overtook it. `for share`
// waits for a reset that is under way, and then compares with what the reset has stored.
const beginSession =
  "insert into sessions select $1, id from users where id = $2 and password_hash = $3 for share";

const app = fastify();
app.register(resetPlugin, { reset, prefix: "/api/password_reset" });

app.post<{ Body: { email?: unknown; password?: unknown } | null }>("/login", async (request, reply) => {
  const { email, password } = request.body ?? {};
  if (typeof email !== "string" || typeof password !== "string") return reply.code(400).send();
  const user = await find("lower(email) = lower($1)", email);
  if (!user?.password_hash || !(await verify(user.password_hash, password))) return reply.code(401).send();
  const cookie = randomBytes(32).toString("base64url");
  const cookieHash = createHash("sha256").update(cookie).digest("hex");
  const { rowCount } = await pool.query(beginSession, [cookieHash, user.id, user.password_hash]);
  if (rowCount === 0) return reply.code(401).send();
  return reply
    .header("set-cookie", `session=${cookie}; Path=/; HttpOnly; SameSite=Lax; Secure`)
    .code(204)
    .send();
});

await app.listen({ port: Number(process.env.PORT ?? 3000), host: "127.0.0.1" });
void reset.work();
