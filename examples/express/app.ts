/**
 * An application on Express and SQLite: its own accounts, sessions, and sign-in, with password reset
 * added. Password, token, and sessions change in one transaction.
 *
 * The limit: `/login` has no throttle; a real one needs one that counts failures.
 *
 * @module
 */
import { hash, verify } from "@node-rs/argon2";
import Database from "better-sqlite3";
import express from "express";
import nodemailer from "nodemailer";
import { createHash, randomBytes } from "node:crypto";
import { passwordReset } from "resetkit";
import { resetMiddleware } from "resetkit/adapters/express";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { byEmail } from "resetkit/delivery/email";
import { migrate, sqlStore } from "resetkit/stores/sql";

interface User {
  id: number;
  email: string;
  /** Null if the user signs in another way, such as with a company account. */
  password_hash: string | null;
}

const db = new Database(process.env.DATABASE_FILE ?? "app.db");
db.pragma("journal_mode = wal");
db.exec(`
  create table if not exists users (
    id integer primary key, email text not null unique collate nocase, password_hash text
  );
  create table if not exists sessions (cookie_hash text primary key, user_id integer not null);`);
await migrate(betterSqlite3(db));

const byAddress = db.prepare<[string], User>("select * from users where email = ?");
const byId = db.prepare<[number], User>("select * from users where id = ?");
const change = db.prepare(
  "update users set password_hash = ? where id = ? and password_hash is ? and email is ? collate binary",
);
// Only if the hash is still the one that was verified: a sign-in must not outlive a reset that overtook it.
const begin = db.prepare("insert into sessions select ?, id from users where id = ? and password_hash = ?");
const endAll = db.prepare("delete from sessions where user_id = ?");

const reset = passwordReset<User>({
  users: {
    findByIdentifier: (email) => byAddress.get(email),
    findById: (id) => byId.get(id),
    stateOf: (user) => [user.password_hash, user.email],
    hashPassword: (password) => hash(password),
    // SQLite has one write transaction at a time, so what this one reads can't change meanwhile.
    lock: (id) => byId.get(id),
    setPassword: (user, hashed, { expected: [oldHash, email] }) =>
      change.run(hashed, user.id, oldHash, email).changes === 1,
    revokeSessions: (user) => endAll.run(user.id),
  },
  secret: process.env.RESET_SECRET!,
  store: sqlStore(betterSqlite3(db)),
  url: `${process.env.PUBLIC_URL}/reset-password/{token}`,
  throttles: "fair",
  deliver: byEmail({
    transport: nodemailer.createTransport(process.env.SMTP_URL),
    from: "Example <no-reply@example.com>",
  }),
});

const app = express();
app.use(express.json());
app.use("/api/password_reset", resetMiddleware(reset));

app.post("/login", async (req, res) => {
  const { email, password } = req.body ?? {};
  if (typeof email !== "string" || typeof password !== "string") return void res.sendStatus(400);
  const user = byAddress.get(email);
  if (!user?.password_hash || !(await verify(user.password_hash, password))) return void res.sendStatus(401);
  const cookie = randomBytes(32).toString("base64url");
  const cookieHash = createHash("sha256").update(cookie).digest("hex");
  const { changes } = begin.run(cookieHash, user.id, user.password_hash);
  if (changes === 0) return void res.sendStatus(401);
  res.cookie("session", cookie, { httpOnly: true, sameSite: "lax", secure: true }).sendStatus(204);
});

app.listen(Number(process.env.PORT ?? 3000));
void reset.work();
