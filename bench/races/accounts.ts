import { createHash, randomBytes } from "node:crypto";
import type { SqlConnection, SqlValue, Users } from "resetkit/types";

export interface Person {
  readonly id: number;
  readonly email: string;
  readonly passwordHash: string;
}

/** An application's accounts and sessions in a SQL database, reached as its transactions are. */
export interface Accounts {
  readonly users: Users<Person>;
  /** The same, for a store in the same database: everything in one transaction. */
  readonly locking: Users<Person>;
  create(count: number): Promise<void>;
  byId(id: number): Promise<Person>;
  hasPassword(id: number, password: string): Promise<boolean>;
  sessionsOf(id: number): Promise<number>;
  /** Without any condition, as the positive control does it. */
  setPasswordBlindly(id: number, password: string): Promise<void>;
}

/** How a database compares so that null equals null. */
const nullSafe = { sqlite: "is", postgres: "is not distinct from", mysql: "<=>" } as const;

export function accountsOn(connection: SqlConnection): Accounts {
  const { dialect } = connection;
  const query = (text: string, rows: boolean, values: SqlValue[], handle?: unknown) => {
    let n = 0;
    const numbered = dialect === "postgres" ? text.replace(/\?/g, () => `$${++n}`) : text;
    return connection.query({ text: numbered, rows }, values, handle);
  };
  const find = async (where: string, value: SqlValue, handle?: unknown) => {
    const text = `select id, email, password_hash as passwordhash from people where ${where}`;
    const [row] = (await query(text, true, [value], handle)).rows;
    return row
      ? { id: Number(row.id), email: String(row.email), passwordHash: String(row.passwordhash) }
      : null;
  };

  const users: Users<Person> = {
    findByIdentifier: (email) => find("email = ?", email),
    findById: (id) => find("id = ?", id),
    stateOf: (user) => [user.passwordHash, user.email],
    hashPassword: (password) => hashOf(password),
    async setPassword(user, hash, { expected, transaction }) {
      const is = nullSafe[dialect];
      const text = `update people set password_hash = ? where id = ? and password_hash ${is} ? and email ${is} ?`;
      const values = [hash, user.id, ...(expected as readonly string[])];
      return (await query(text, false, values, transaction)).changes === 1;
    },
    revokeSessions: (user, { transaction }) =>
      query("delete from sessions where user_id = ?", false, [user.id], transaction),
  };

  return {
    users,
    locking: {
      ...users,
      // SQLite's transactions hold the one write lock that there is.
      lock: (id, { transaction }) =>
        find(dialect === "sqlite" ? "id = ?" : "id = ? for update", id, transaction),
    },

    async create(count) {
      await query(
        "create table people (id integer primary key, email varchar(99), password_hash varchar(99))",
        false,
        [],
      );
      await query("create table sessions (user_id integer)", false, []);
      for (let id = 1; id <= count; id++) {
        await query("insert into people values (?, ?, ?)", false, [
          id,
          `${id}@example.com`,
          hashOf("the old one"),
        ]);
      }
    },

    async byId(id) {
      await query("insert into sessions values (?)", false, [id]);
      return (await find("id = ?", id))!;
    },

    async hasPassword(id, password) {
      const [salt] = (await find("id = ?", id))!.passwordHash.split("$");
      return (await find("id = ?", id))!.passwordHash === hashOf(password, salt);
    },

    async sessionsOf(id) {
      return Number(
        (await query("select count(*) as n from sessions where user_id = ?", true, [id])).rows[0]!.n,
      );
    },

    async setPasswordBlindly(id, password) {
      await query("update people set password_hash = ? where id = ?", false, [hashOf(password), id]);
    },
  };
}

/** Fast, since the race and not the hash is looked at; salted, so that the same password is another state. */
export function hashOf(password: string, salt = randomBytes(8).toString("hex")): string {
  return `${salt}$${createHash("sha256")
    .update(salt + password)
    .digest("hex")}`;
}
