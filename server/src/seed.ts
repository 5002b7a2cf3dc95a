import type { Db } from "./database.js";
import type { Passwords } from "./passwords.js";

/** The initial password of every demo account. */
export const firstPassword = "correct horse battery staple";

/** The accounts of a new demo: two eligible for a reset, and two that aren't. */
export const people = [
  { email: "ada@example.com", active: true, hasPassword: true, about: "an email with a reset link" },
  { email: "grace@example.com", active: true, hasPassword: true, about: "the same, for a second account" },
  {
    email: "linus@example.com",
    active: false,
    hasPassword: true,
    about: "no email: the account is inactive",
  },
  {
    email: "sso@example.com",
    active: true,
    hasPassword: false,
    about: "no email: the account has no password",
  },
] as const;

/** Creates the accounts, unless there are some already. */
export async function seed(db: Db, passwords: Passwords): Promise<void> {
  if (db.prepare("select 1 from users").get() !== undefined) return;
  const rows = await Promise.all(
    people.map(async ({ email, active, hasPassword }) => ({
      email,
      active: Number(active),
      passwordHash: hasPassword ? await passwords.hash(firstPassword) : null,
    })),
  );
  const insert = db.prepare(
    `insert into users (email, password_hash, active) values (:email, :passwordHash, :active)
     on conflict do nothing`,
  );
  // In one transaction: if the demo is stopped here, its next start creates all of them.
  db.exec("begin");
  for (const row of rows) insert.run(row);
  db.exec("commit");
}
