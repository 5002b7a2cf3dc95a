import { verify } from "@node-rs/argon2";
import { createHash, randomBytes } from "node:crypto";
import { pool } from "./database";

/** Returns the value of the session's cookie, or `undefined` if the email address or the password is wrong. */
export async function signIn(email: string, password: string): Promise<string | undefined> {
  const find = "select id, password_hash from users where lower(email) = lower($1)";
  const [user] = (await pool.query(find, [email])).rows;
  if (!user?.password_hash || !(await verify(user.password_hash, password))) return undefined;
  const cookie = randomBytes(32).toString("base64url");
  // Only if the hash is still the one that was verified: a sign-in must not outlive a reset that overtook it.
  const begin = `insert into sessions (cookie_hash, user_id)
    select $1, id from users where id = $2 and password_hash = $3 for share`;
  const { rowCount } = await pool.query(begin, [hashOf(cookie), user.id, user.password_hash]);
  return rowCount === 1 ? cookie : undefined;
}

/** Returns the account that a session's cookie belongs to. */
export async function userOf(cookie: unknown): Promise<{ email: string } | undefined> {
  if (typeof cookie !== "string") return undefined;
  const find = "select email from users join sessions on user_id = users.id where cookie_hash = $1";
  return (await pool.query(find, [hashOf(cookie)])).rows[0];
}

// The table never holds a cookie that would open a session.
const hashOf = (cookie: string) => createHash("sha256").update(cookie).digest("hex");
