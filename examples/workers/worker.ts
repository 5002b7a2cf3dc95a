/**
 * Password reset on Cloudflare Workers: Hono, accounts in D1, and signed tokens, which need no table.
 *
 * @module
 */
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { passwordReset, signedTokens } from "resetkit";
import { resetHandler } from "resetkit/adapters/hono";
import { byEmail } from "resetkit/delivery/email";
import { httpMailer } from "resetkit/delivery/http-mailer";

interface User {
  id: number;
  email: string;
  /** Null if the user signs in another way, such as with a company account. */
  password_hash: string | null;
}

const reset = passwordReset<User>({
  users: {
    async findByIdentifier(email) {
      const find = env.DB.prepare("select * from users where email = ? collate nocase");
      return (await find.bind(email).all<User>()).results;
    },
    findById: (id: number) => env.DB.prepare("select * from users where id = ?").bind(id).first<User>(),
    stateOf: (user) => [user.password_hash, user.email],
    hashPassword,
    async setPassword(user, hash, { expected }) {
      const change = env.DB.prepare(
        "update users set password_hash = ? where id = ? and password_hash is ? and email is ? collate binary",
      );
      return (await change.bind(hash, user.id, ...expected).run()).meta.changes === 1;
    },
    revokeSessions: (user) => env.DB.prepare("delete from sessions where user_id = ?").bind(user.id).run(),
  },
  secret: env.RESET_SECRET, // at least 32 random bytes
  tokens: signedTokens({ ids: "integer" }),
  url: `${env.APP_URL}/reset-password/{token}`,
  throttles: "fair",
  deliver: byEmail({
    transport: httpMailer({ provider: "postmark", apiKey: env.POSTMARK_TOKEN, endpoint: env.POSTMARK_URL }),
    from: "Example <no-reply@example.com>",
  }),
  worker: "waitUntil", // a Worker does nothing after its answer but what it was asked to wait for
});

/** `salt.hash`, both base64, by PBKDF2: 100,000 rounds are the most that Workers do in one call. */
async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, [
    "deriveBits",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-256", iterations: 100_000, salt };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
  return [salt, bits].map((bytes) => btoa(String.fromCharCode(...bytes))).join(".");
}

const app = new Hono();
app.all("/api/password_reset/*", resetHandler(reset, { ipHeader: "cf-connecting-ip", trustProxy: 1 }));

export default app;
