import { Injectable } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import { verify } from "@node-rs/argon2";
import { createHash, randomBytes } from "node:crypto";
import type { DataSource } from "typeorm";
import { User } from "./user.entity.js";

@Injectable()
export class Sessions {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  /** Returns the value of the session's cookie, or `undefined` if the email address or the password is wrong. */
  async start(email: string, password: string): Promise<string | undefined> {
    const users = this.source.getRepository(User).createQueryBuilder("user");
    const user = await users.where("lower(user.email) = lower(:email)", { email }).getOne();
    if (!user?.passwordHash || !(await verify(user.passwordHash, password))) return undefined;
    const cookie = randomBytes(32).toString("base64url");
    // Only if the hash is still the one that was verified: a sign-in must not outlive a reset that overtook it.
    const begin = `insert into sessions (cookie_hash, user_id)
      select $1, id from users where id = $2 and password_hash = $3 for share returning user_id`;
    const begun: unknown[] = await this.source.query(begin, [hashOf(cookie), user.id, user.passwordHash]);
    return begun.length === 1 ? cookie : undefined;
  }

  /** Returns the account that a session's cookie belongs to, or `null`. */
  userOf(cookie: unknown): Promise<User | null> {
    if (typeof cookie !== "string") return Promise.resolve(null);
    const users = this.source.getRepository(User).createQueryBuilder("user");
    const joined = users.innerJoin("sessions", "session", "session.user_id = user.id");
    return joined.where("session.cookie_hash = :hash", { hash: hashOf(cookie) }).getOne();
  }
}

// The table never holds a cookie that would open a session.
const hashOf = (cookie: string) => createHash("sha256").update(cookie).digest("hex");
