import { randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import type { Pool, PoolClient } from "pg";
import type { Users } from "resetkit/types";

/** An account of Better Auth that has a password. */
interface User {
  readonly id: string;
  readonly email: string;
  readonly password: string | null;
}

/** The users of Better Auth on PostgreSQL, whose sign-in stays: the password is in the row of its `account`. */
export function betterAuthUsers(pool: Pool): Users<User> {
  const select = `select u.id, u.email, a.password from "user" u
    join account a on a."userId" = u.id and a."providerId" = 'credential'`;
  const find = async (where: string, value: string, on: Pool | PoolClient = pool) =>
    (await on.query<User>(`${select} where ${where}`, [value])).rows;

  return {
    findByIdentifier: (email) => find("lower(u.email) = lower($1)", email),
    findById: async (id: string) => (await find("u.id = $1", id))[0],
    stateOf: (user) => [user.password, user.email],
    hashPassword,
    lock: async (id: string, { transaction }) => (await find("u.id = $1 for update", id, transaction))[0],
    async setPassword(user, hash, { expected: [oldHash], transaction = pool }) {
      const { rowCount } = await transaction.query(
        `update account set password = $1, "updatedAt" = now()
         where "userId" = $2 and "providerId" = 'credential' and password is not distinct from $3`,
        [hash, user.id, oldHash],
      );
      return rowCount === 1;
    },
    revokeSessions: (user, { transaction = pool }) =>
      transaction.query('delete from session where "userId" = $1', [user.id]),
  };
}

const derive = promisify<string, string, number, object, Buffer>(scrypt);

/** As `better-auth/crypto` does by default: `salt:key`, both in hexadecimal digits. */
async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16).toString("hex");
  const key = await derive(password.normalize("NFKC"), salt, 64, {
    N: 16_384,
    r: 16,
    p: 1,
    maxmem: 67_108_864,
  });
  return `${salt}:${key.toString("hex")}`;
}
