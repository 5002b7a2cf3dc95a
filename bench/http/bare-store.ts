/**
 * The least honest work by hand: prepared statements, a token of which its SHA-256 is stored, one transaction
 * for a change. No stand-in for unknown accounts, no cap, no siblings, no sessions, no notice.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { PoolClient } from "pg";
import { openPool, openSqlite } from "./clients.js";
import type { ServerOptions } from "./system.js";

type Awaitable<T> = T | Promise<T>;

export interface BareStore {
  /** One select of the user and one insert of a token; the token, where there is an account. */
  request(email: string): Awaitable<string | undefined>;
  /** One select of the token, one of the user, and the comparison. */
  validate(token: string): Awaitable<boolean>;
  /** One transaction that locks the user, uses the token up and sets the password. */
  change(token: string, passwordHash: string): Awaitable<boolean>;
}

const lifetime = 86_400_000;

export function openBareStore({ database, url }: ServerOptions): BareStore {
  return database === "sqlite" ? onSqlite(url) : onPostgres(url);
}

function digestOf(token: string): { lookup: Buffer; hash: Buffer } {
  const hash = createHash("sha256").update(token).digest();
  return { lookup: hash.subarray(0, 16), hash };
}

const newToken = () => randomBytes(32).toString("base64url");

interface TokenRow {
  readonly hash: Buffer;
  readonly user_id: number;
}

function onSqlite(file: string): BareStore {
  const db = openSqlite(file);
  const userByEmail = db.prepare<[string], { id: number }>("select id from people where email = ?");
  const userById = db.prepare("select id, email from people where id = ?");
  const insert = db.prepare(
    "insert into reset_tokens (lookup, hash, user_id, expires_at) values (?, ?, ?, ?)",
  );
  const tokenByLookup = db.prepare<[Buffer, number], TokenRow>(
    "select hash, user_id from reset_tokens where lookup = ? and used_at is null and expires_at > ?",
  );
  const use = db.prepare("update reset_tokens set used_at = ? where lookup = ? and used_at is null");
  const setPassword = db.prepare("update people set password_hash = ? where id = ?");

  const find = (token: string) => {
    const { lookup, hash } = digestOf(token);
    const row = tokenByLookup.get(lookup, Date.now());
    return row && timingSafeEqual(row.hash, hash) && userById.get(row.user_id)
      ? { lookup, ...row }
      : undefined;
  };
  const change = db.transaction((token: string, passwordHash: string) => {
    const found = find(token);
    if (!found || use.run(Date.now(), found.lookup).changes !== 1) return false;
    return setPassword.run(passwordHash, found.user_id).changes === 1;
  });

  return {
    request(email) {
      const user = userByEmail.get(email);
      if (!user) return undefined;
      const token = newToken();
      const { lookup, hash } = digestOf(token);
      insert.run(lookup, hash, user.id, Date.now() + lifetime);
      return token;
    },
    validate: (token) => find(token) !== undefined,
    // The one write lock of SQLite is taken first: it is the user's, too.
    change: (token, passwordHash) => change.immediate(token, passwordHash),
  };
}

function onPostgres(url: string): BareStore {
  const pool = openPool(url);
  const query = (name: string, text: string, values: unknown[], client: PoolClient | typeof pool = pool) =>
    client.query({ name, text, values });

  return {
    async request(email) {
      const { rows } = await query("user_by_email", "select id from people where email = $1", [email]);
      if (rows.length === 0) return undefined;
      const token = newToken();
      const { lookup, hash } = digestOf(token);
      await query(
        "insert_token",
        "insert into reset_tokens (lookup, hash, user_id, expires_at) values ($1, $2, $3, $4)",
        [lookup, hash, rows[0].id, Date.now() + lifetime],
      );
      return token;
    },

    async validate(token) {
      const { lookup, hash } = digestOf(token);
      const { rows } = await query(
        "token",
        "select hash, user_id from reset_tokens where lookup = $1 and used_at is null and expires_at > $2",
        [lookup, Date.now()],
      );
      if (rows.length === 0 || !timingSafeEqual(rows[0].hash, hash)) return false;
      const users = await query("user_by_id", "select id, email from people where id = $1", [
        rows[0].user_id,
      ]);
      return users.rows.length === 1;
    },

    async change(token, passwordHash) {
      const { lookup, hash } = digestOf(token);
      const client = await pool.connect();
      let done = false;
      try {
        await client.query("begin");
        const { rows } = await query(
          "lock_user",
          "select people.id, hash from people join reset_tokens on user_id = people.id " +
            "where lookup = $1 and used_at is null and expires_at > $2 for update of people",
          [lookup, Date.now()],
          client,
        );
        if (rows.length === 1 && timingSafeEqual(rows[0].hash, hash)) {
          const use = "update reset_tokens set used_at = $1 where lookup = $2 and used_at is null";
          const set = "update people set password_hash = $1 where id = $2";
          done =
            (await query("use_token", use, [Date.now(), lookup], client)).rowCount === 1 &&
            (await query("set_password", set, [passwordHash, rows[0].id], client)).rowCount === 1;
        }
        await client.query(done ? "commit" : "rollback");
        return done;
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    },
  };
}
