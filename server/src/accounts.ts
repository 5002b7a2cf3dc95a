import type { Users } from "resetkit/types";
import type { Db } from "./database.js";
import type { Passwords } from "./passwords.js";

/** An account of this application. */
export interface User {
  readonly id: number;
  readonly email: string;
  /** Null if the user signs in another way, such as single sign-on. */
  readonly passwordHash: string | null;
  readonly active: boolean;
}

/** The `users` port, over a table in the same database as the tokens. */
export function accounts(db: Db, passwords: Passwords): Users<User> {
  return {
    findByIdentifier: (email) => findUser(db, email),
    findById: (id: number) => readUser(db, id),
    stateOf: (user) => [user.passwordHash, user.email, user.active],
    mayReset: (user) => user.active && user.passwordHash !== null,
    hashPassword: (password) => passwords.hash(password),

    // SQLite has one writer at a time, and the transaction has the write lock from its start, so reading is enough.
    lock: (id: number, { transaction }) => readUser(transaction, id),

    setPassword(user, passwordHash, { expected, transaction }) {
      const [oldHash, email, active] = expected;
      const { changes } = (transaction as Db)
        .prepare(
          `update users set password_hash = ?
           where id = ? and password_hash is ? and email is ? collate binary and active is ?`,
        )
        .run(passwordHash, user.id, oldHash, email, Number(active));
      return Number(changes) === 1;
    },

    revokeSessions(user, { transaction }) {
      (transaction as Db).prepare("delete from sessions where user_id = ?").run(user.id);
    },
  };
}

/** The account with that email address, ignoring case. */
export function findUser(db: Db, email: string): User | null {
  return toUser(db.prepare(`${selectUser} where email = ?`).get(email));
}

function readUser(db: Db, id: number): User | null {
  return toUser(db.prepare(`${selectUser} where id = ?`).get(id));
}

const selectUser = "select id, email, password_hash, active from users";

function toUser(row: unknown): User | null {
  if (row === undefined) return null;
  const { id, email, password_hash, active } = row as {
    id: number;
    email: string;
    password_hash: string | null;
    active: number;
  };
  return { id, email, passwordHash: password_hash, active: active === 1 };
}
