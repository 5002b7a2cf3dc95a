import { assertKnownKeys, UsageError } from "../check-options.js";
import type { SqlConnection, UserId } from "../ports.js";
import { assertConnection } from "../sql/connection.js";
import { checkedTable } from "../sql/names.js";
import type { Users } from "../types.js";
import { type AccountOptions, accountOptions, touchOf } from "./shared/options.js";
import { sessionsOf, type SqlUsersOptions } from "./sql.js";
import { columnOf, usersOn } from "./sql/accounts.js";
import { usersApart } from "./sql/apart.js";
import { isTable, neededOf } from "./sql/sessions.js";
import type { Given } from "./sql/statements.js";

export type { AccountOptions } from "./shared/options.js";

/** A row of the table of users, as the connection's client returns it. */
export interface AuthjsUser {
  readonly id: UserId;
  readonly email: string | null;
  readonly [column: string]: unknown;
}

/** The adapters of Auth.js whose tables are known: `@auth/pg-adapter` is `"pg"`. */
export type AuthjsAdapter = "d1" | "drizzle" | "kysely" | "neon" | "pg" | "prisma" | "sequelize" | "typeorm";

/** The options of `authjsUsers()`. */
export interface AuthjsUsersOptions extends AccountOptions<AuthjsUser> {
  /** The adapter that Auth.js accesses the tables with. It determines the defaults of `table` and `sessions`. */
  readonly adapter: AuthjsAdapter;
  /**
   * Where the password hash is, since Auth.js doesn't store one: a column that you added to the users table, or a table of
   * your own with at most one row per user. If the column is null or there's no row, the user can get their first password.
   */
  readonly passwordHash:
    string | { readonly table: string; readonly userId: string; readonly column: string };
  /**
   * The users table.
   *
   * @default the adapter's
   */
  readonly table?: string;
  /**
   * The sessions to revoke when a password is set. With `session: { strategy: "jwt" }`, sessions have no rows: pass a
   * function or `"none"`.
   *
   * @default the user's rows in the adapter's sessions table
   */
  readonly sessions?: SqlUsersOptions<AuthjsUser>["sessions"];
  /** Columns that are set with the hash, in the same table, such as `{ passwordChangedAt: () => new Date() }`. */
  readonly touch?: Readonly<Record<string, () => Given>>;
}

interface Names {
  readonly table: string;
  readonly sessions: { readonly table: string; readonly userId: string };
}

const plural: Names = { table: "users", sessions: { table: "sessions", userId: "userId" } };
const models: Names = { table: "User", sessions: { table: "Session", userId: "userId" } };

const adapters: Readonly<Record<AuthjsAdapter, Names>> = {
  d1: plural,
  drizzle: { table: "user", sessions: { table: "session", userId: "userId" } },
  kysely: models,
  neon: plural,
  pg: plural,
  prisma: models,
  sequelize: { table: "users", sessions: { table: "sessions", userId: "user_id" } },
  typeorm: plural,
};

const made = "authjsUsers";
const known: Readonly<Record<keyof Required<AuthjsUsersOptions>, true>> = {
  adapter: true,
  passwordHash: true,
  table: true,
  sessions: true,
  touch: true,
  hashPassword: true,
  eligible: true,
  normalize: true,
};

/**
 * `users` for the tables of Auth.js (NextAuth.js) in SQLite, PostgreSQL, MySQL, or MariaDB, as its adapters create them.
 * Auth.js stores no password, so `passwordHash` names the column or the table that your `Credentials` provider compares.
 *
 * With `sqlStore(connection)`, the password, the token, and the sessions change in one transaction. A session in a JWT has
 * no row. It stays valid after the reset, unless you compare it with a column that `touch` sets.
 *
 * @throws {TypeError} If an option is missing or unknown. `check` reports a table or a column that isn't there.
 * @example
 * ```ts
 * const users = authjsUsers(pg(pool), {
 *   adapter: "pg",
 *   passwordHash: "password_hash",
 *   hashPassword: (password) => hash(password),
 * });
 * ```
 */
export function authjsUsers(connection: SqlConnection, options: AuthjsUsersOptions): Users<AuthjsUser> {
  assertConnection(connection, made, ", { … }");
  assertKnownKeys(options, Object.keys(known), made);
  const names = namesOf(options?.adapter);
  const { passwordHash } = options;
  const touch = touchOf(options.touch ?? {}, made, (name, option) => columnOf(name, `${made}'s ${option}`));
  const id = columnOf("id", "the column id of Auth.js's table of users");
  const email = columnOf("email", "the column email of Auth.js's table of users");
  const table = checkedTable(options.table ?? names.table, `${made}'s table`);
  const sessions = sessionsOf<AuthjsUser>(options.sessions ?? names.sessions, made);
  const account = accountOptions(options, made);

  if (typeof passwordHash !== "object") {
    return usersOn<AuthjsUser>(connection, {
      made,
      table,
      id,
      identifiers: [email],
      passwordHash: columnOf(passwordHash, `${made}'s passwordHash`),
      address: email,
      state: [],
      locale: undefined,
      touch,
      sessions,
      selected: "all",
      read: (row) => row as AuthjsUser,
      ...account,
    });
  }

  assertKnownKeys(passwordHash, ["table", "userId", "column"], `${made}'s passwordHash`);
  const hash = {
    table: checkedTable(passwordHash.table, `${made}'s passwordHash.table`),
    userId: columnOf(passwordHash.userId, `${made}'s passwordHash.userId`),
    column: columnOf(passwordHash.column, `${made}'s passwordHash.column`),
    touch: touch.map(([one]) => one),
  };
  const { eligible } = account;
  return usersApart<AuthjsUser>(connection, {
    made,
    user: { table, email: email.name },
    hash: {
      table: hash.table,
      userId: hash.userId.name,
      column: hash.column.name,
      set: () => touch.map(([{ name }, value]) => [name, value()] as const),
      add: () => [],
    },
    sessions,
    needed: [
      { option: `${made}'s table`, table, columns: [id, email] },
      {
        option: `${made}'s passwordHash.table`,
        table: hash.table,
        columns: [hash.userId, hash.column, ...hash.touch],
      },
      ...(isTable(sessions) ? [neededOf(made, sessions)] : []),
    ],
    ...account,
    // A user who signed up without an email address gets no email.
    eligible: (user) => user.email !== null && (eligible ? eligible(user) : true),
  });
}

function namesOf(adapter: unknown): Names {
  const names = Object.entries(adapters).find(([name]) => name === adapter)?.[1];
  if (names) return names;
  throw new UsageError(
    `${made}'s adapter is ${adapter === undefined ? "missing" : JSON.stringify(adapter)}. Pass the one that Auth.js uses: ${Object.keys(adapters).join(", ")}.`,
  );
}
