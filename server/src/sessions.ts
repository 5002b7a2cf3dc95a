import { createHash, randomBytes } from "node:crypto";
import type { User } from "./accounts.js";
import type { Db } from "./database.js";

/** The sessions of signed-in users, which a reset must revoke. */
export interface Sessions {
  /** Begins a session and returns its cookie's value, or null if the account's password has changed in the meantime. */
  begin(user: User, now: number): string | null;
  /** The email address of the user who is signed in, or null. */
  ownerOf(cookie: string | undefined, now: number): string | null;
  end(cookie: string | undefined): void;
}

/** How long a session lasts, in milliseconds. */
export const sessionLength = 7 * 24 * 3_600_000;

/** Sessions in a table, under a hash of their cookie: a leaked table can't be used to sign in. */
export function sessionTable(db: Db): Sessions {
  // Verifying a password takes a while, and a reset during that time has already revoked the account's sessions. So a
  // session begins only if the hash that was verified is still the account's. Otherwise it would outlive the reset.
  const insert = db.prepare(
    `insert into sessions (token_hash, user_id, created_at)
     select ?, id, ? from users where id = ? and password_hash = ? and active = 1`,
  );
  const owner = db.prepare(
    `select email from sessions join users on users.id = user_id
     where token_hash = ? and active = 1 and created_at > ?`,
  );
  const remove = db.prepare("delete from sessions where token_hash = ?");
  const removeOld = db.prepare("delete from sessions where created_at <= ?");

  return {
    begin(user, now) {
      removeOld.run(now - sessionLength);
      const cookie = randomBytes(32).toString("base64url");
      const { changes } = insert.run(hashOf(cookie), now, user.id, user.passwordHash);
      return Number(changes) === 1 ? cookie : null;
    },
    ownerOf(cookie, now) {
      if (cookie === undefined) return null;
      const found = owner.get(hashOf(cookie), now - sessionLength) as { email: string } | undefined;
      return found?.email ?? null;
    },
    end(cookie) {
      if (cookie !== undefined) remove.run(hashOf(cookie));
    },
  };
}

function hashOf(cookie: string): Buffer {
  return createHash("sha256").update(cookie).digest();
}
