import type { Env } from "./env.js";
import { verifyPassword } from "./passwords.js";

/** Returns the value of the session's cookie, or `undefined` if the email address or the password is wrong. */
export async function signIn({ DB }: Env, email: string, password: string): Promise<string | undefined> {
  const find = DB.prepare("select id, password_hash from users where email = ?");
  const [user] = (await find.bind(email).all()).results;
  if (!user?.password_hash || !(await verifyPassword(user.password_hash, password))) return undefined;
  const cookie = Array.from(crypto.getRandomValues(new Uint8Array(32)), hex).join("");
  // Only if the hash is still the one that was verified: a sign-in must not outlive a reset that overtook it.
  const begin = DB.prepare("insert into sessions select ?, id from users where id = ? and password_hash = ?");
  const { meta } = await begin.bind(await hashOf(cookie), user.id, user.password_hash).all();
  return meta.changes === 1 ? cookie : undefined;
}

/** Returns the account that a session's cookie belongs to. */
export async function userOf(
  { DB }: Env,
  cookie: string | undefined,
): Promise<{ email: string } | undefined> {
  if (cookie === undefined) return undefined;
  const find = DB.prepare(
    "select email from users join sessions on user_id = users.id where cookie_hash = ?",
  );
  return (await find.bind(await hashOf(cookie)).all()).results[0];
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0");

/** The table never holds a cookie that would open a session. */
async function hashOf(cookie: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(cookie));
  return Array.from(new Uint8Array(digest), hex).join("");
}
