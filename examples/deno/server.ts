/**
 * Password reset for an application on Deno: its accounts and sessions in a file of `node:sqlite`, and resetkit's
 * tables beside them, so that password, token and sessions change in one transaction.
 *
 * deno run --allow-net --allow-env --allow-read=. --allow-write=. server.ts
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { randomBytes, scrypt } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { createTransport } from "nodemailer";
import { passwordReset } from "resetkit";
import { nodeSqlite } from "resetkit/connections/node-sqlite";
import { byEmail } from "resetkit/delivery/email";
import { createHandler } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";

interface User {
  id: number;
  email: string;
  /** Null if the user signs in another way, such as with a company account. */
  password_hash: string | null;
}

const setting = (name: string, otherwise: string) => Deno.env.get(name) ?? otherwise;

const db = new DatabaseSync(setting("DATABASE", "app.db"));
db.exec(`
  pragma journal_mode = wal;
  pragma busy_timeout = 5000;
  create table if not exists users (
    id integer primary key, email text not null unique collate nocase, password_hash text
  );
  create table if not exists sessions (cookie_hash text primary key, user_id integer not null);`);
await migrate(nodeSqlite(db));

const userById = (id: number) => db.prepare("select * from users where id = ?").get(id) as User | undefined;

const reset = passwordReset<User>({
  users: {
    findByIdentifier: (email) =>
      db.prepare("select * from users where email = ?").all(email) as unknown as User[],
    findById: userById,
    lock: userById, // the transaction holds the file's one lock already
    stateOf: (user) => [user.password_hash, user.email],
    hashPassword,
    setPassword(user, hash, { expected }) {
      const [oldHash, email] = expected as [string | null, string];
      const change = db.prepare(
        "update users set password_hash = ? where id = ? and password_hash is ? and email is ? collate binary",
      );
      return change.run(hash, user.id, oldHash, email).changes === 1;
    },
    revokeSessions: (user) => db.prepare("delete from sessions where user_id = ?").run(user.id),
  },
  secret: setting("RESET_SECRET", ""), // at least 32 random bytes
  store: sqlStore(nodeSqlite(db)),
  url: `${setting("APP_URL", "http://localhost:8000")}/reset-password/{token}`,
  throttles: "fair",
  deliver: byEmail({
    transport: createTransport(setting("SMTP_URL", "smtp://localhost")),
    from: "Example <no-reply@example.com>",
  }),
});

/** `salt.hash`, both base64url, by scrypt with N = 2^17, r = 8, p = 1. */
async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const settings = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };
  const key = await promisify<string, Buffer, number, object, Buffer>(scrypt)(password, salt, 32, settings);
  return `${salt.toString("base64url")}.${key.toString("base64url")}`;
}

const handler = createHandler(reset);
Deno.serve({ port: Number(setting("PORT", "8000")) }, (request, { remoteAddr }) =>
  handler(request, { ip: remoteAddr.hostname }),
);
void reset.work(); // mails what an earlier process left behind, too
