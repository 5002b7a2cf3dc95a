import type { Db } from "./database.js";
import type { Passwords } from "./passwords.js";

/** The password that every account of the demo starts with. */
export const firstPassword = "correct horse battery staple";

/** The accounts of a fresh demo: two that can be reset, and two that cannot. */
export const people = [
  { email: "ada@example.com", active: true, hasPassword: true, about: "an account like any other" },
  { email: "grace@example.com", active: true, hasPassword: true, about: "another one" },
  { email: "linus@example.com", active: false, hasPassword: true, about: "inactive: gets no mail" },
  { email: "sso@example.com", active: true, hasPassword: false, about: "has no password: gets no mail" },
] as const;

/** Makes the accounts where there are none yet. */
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
  db.transaction(() => rows.forEach((row) => insert.run(row)))();
}
