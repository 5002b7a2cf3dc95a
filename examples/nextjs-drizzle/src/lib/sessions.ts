import { verify } from "@node-rs/argon2";
import { eq, sql } from "drizzle-orm";
import { cookies } from "next/headers";
import { createHash, randomBytes } from "node:crypto";
import { database } from "./database";
import { sessions, users } from "./schema";

/** Starts a session, and returns whether the email address and the password were right. */
export async function signIn(email: string, password: string): Promise<boolean> {
  const found = await database()
    .select()
    .from(users)
    .where(eq(sql`lower(${users.email})`, email.toLowerCase()));
  const user = found[0];
  if (!user?.passwordHash || !(await verify(user.passwordHash, password))) return false;
  const cookie = randomBytes(32).toString("base64url");
  // Only if the hash is still the one that was verified: a sign-in must not outlive a reset that overtook it.
  const begun = await database().execute(sql`
    insert into ${sessions} (cookie_hash, user_id) select ${hashOf(cookie)}, id from ${users}
    where id = ${user.id} and password_hash = ${user.passwordHash} for share`);
  if (begun.rowCount !== 1) return false;
  (await cookies()).set("session", cookie, { httpOnly: true, sameSite: "lax", secure: true });
  return true;
}

/** Returns who is signed in, or `undefined`. */
export async function currentUser(): Promise<{ email: string } | undefined> {
  const cookie = (await cookies()).get("session")?.value;
  if (!cookie) return undefined;
  const found = await database()
    .select({ email: users.email })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.cookieHash, hashOf(cookie)));
  return found[0];
}

// The table never holds a cookie that would open a session.
const hashOf = (cookie: string) => createHash("sha256").update(cookie).digest("hex");
