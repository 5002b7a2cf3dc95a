/**
 * Password reset for an application on Bun: its accounts and sessions in a file of `bun:sqlite`, and resetkit's
 * tables beside them, so that password, token and sessions change in one transaction.
 *
 * @module
 */
import { Database } from "bun:sqlite";
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

const { APP_URL = "http://localhost:3000", DATABASE = "app.db", PORT = "3000" } = Bun.env;
const { RESET_SECRET = "", SMTP_URL = "smtp://localhost" } = Bun.env;

const db = new Database(DATABASE);
db.exec(`
  pragma journal_mode = wal;
  pragma busy_timeout = 5000;
  create table if not exists users (
    id integer primary key, email text not null unique collate nocase, password_hash text
  );
  create table if not exists sessions (cookie_hash text primary key, user_id integer not null);`);
await migrate(nodeSqlite(db));

const userById = db.query<User, [number]>("select * from users where id = ?");

const reset = passwordReset<User>({
  users: {
    findByIdentifier: (email) => db.query<User, [string]>("select * from users where email = ?").all(email),
    findById: (id: number) => userById.get(id),
    lock: (id: number) => userById.get(id), // the transaction holds the file's one lock already
    stateOf: (user) => [user.password_hash, user.email],
    hashPassword: (password) => Bun.password.hash(password), // argon2id
    setPassword(user, hash, { expected }) {
      const [oldHash, email] = expected as [string | null, string];
      const change = db.query(
        "update users set password_hash = ? where id = ? and password_hash is ? and email is ? collate binary",
      );
      return change.run(hash, user.id, oldHash, email).changes === 1;
    },
    revokeSessions: (user) => db.query("delete from sessions where user_id = ?").run(user.id),
  },
  secret: RESET_SECRET, // at least 32 random bytes
  store: sqlStore(nodeSqlite(db)),
  url: `${APP_URL}/reset-password/{token}`,
  throttles: "fair",
  deliver: byEmail({ transport: createTransport(SMTP_URL), from: "Example <no-reply@example.com>" }),
});

const handler = createHandler(reset);
Bun.serve({
  port: Number(PORT),
  routes: {
    "/api/password_reset/*": (request, server) =>
      handler(request, { ip: server.requestIP(request)?.address }),
  },
  fetch: () => new Response("Not found", { status: 404 }),
});
void reset.work(); // mails what an earlier process left behind, too
