import { verify } from "@node-rs/argon2";
import { cookies } from "next/headers";
import { createHash, randomBytes } from "node:crypto";
import { database } from "./database";

/** Starts a session, and returns whether the email address and the password were right. */
export async function signIn(email: string, password: string): Promise<boolean> {
  const user = await database().user.findFirst({ where: { email: { equals: email, mode: "insensitive" } } });
  if (!user?.passwordHash || !(await verify(user.passwordHash, password))) return false;
  const cookie = randomBytes(32).toString("base64url");
  // Only if the hash is still the one that was verified: a sign-in must not outlive a reset that overtook it.
  const begun = await database().$executeRaw`insert into sessions (cookie_hash, user_id)
    select ${hashOf(cookie)}, id from users
    where id = ${user.id}::uuid and password_hash = ${user.passwordHash} for share`;
  if (begun !== 1) return false;
  (await cookies()).set("session", cookie, { httpOnly: true, sameSite: "lax", secure: true });
  return true;
}

/** Returns who is signed in, or `undefined`. */
export async function currentUser(): Promise<{ email: string } | undefined> {
  const cookie = (await cookies()).get("session")?.value;
  if (!cookie) return undefined;
  const where = { cookieHash: hashOf(cookie) };
  return (await database().session.findUnique({ where, include: { user: true } }))?.user;
}

// The table never holds a cookie that would open a session.
const hashOf = (cookie: string) => createHash("sha256").update(cookie).digest("hex");
