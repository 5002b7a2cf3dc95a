import { assertKnownKeys } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { assertConnection } from "../sql/connection.js";
import type { Users } from "../types.js";
import { type AccountOptions, accountOptions, areInTable, listOf, touchOf } from "./shared/options.js";
import { columnOf, usersOn, type UsersTable } from "./sql/accounts.js";
import { checkedName, checkedTable } from "../sql/names.js";

export type { AccountOptions } from "./shared/options.js";

/** The options of `sqlUsers()`. `Row` is a row of the table. */
export interface SqlUsersOptions<Row = Record<string, any>> extends AccountOptions<Row> {
  /** The table that accounts are in: `"users"`, or `"schema.users"`. */
  readonly table: string;
  /**
   * The column with the account's ID.
   *
   * @default "id"
   */
  readonly id?: string;
  /** The columns that accounts are found by, such as `"email"` or `["email", "username"]`. */
  readonly identifier: string | readonly string[];
  /** The column with the password hash. An account whose hash is null has no password yet and can get its first one. */
  readonly passwordHash: string;
  /**
   * The column with the email address that messages go to.
   *
   * @default the first identifier
   */
  readonly address?: string;
  /** Further columns that tokens are bound to. The hash and the email address always are. */
  readonly state?: readonly string[];
  /** The column with the account's language. */
  readonly locale?: string;
  /** Further columns to set with the password, such as `{ updated_at: () => new Date() }`. Dates are written in UTC. */
  readonly touch?: Readonly<Record<string, () => string | number | boolean | bigint | Date | null>>;
  /**
   * The sessions to revoke in the transaction that sets the password: a table, a function like `users.revokeSessions`, or
   * `"none"` if your app has no sessions.
   */
  readonly sessions: { readonly table: string; readonly userId: string } | Users<Row>["revokeSessions"];
}

const names = {
  table: true,
  id: true,
  identifier: true,
  passwordHash: true,
  address: true,
  state: true,
  locale: true,
  touch: true,
  sessions: true,
  hashPassword: true,
  eligible: true,
  normalize: true,
} satisfies Record<keyof Required<SqlUsersOptions>, true>;

/**
 * `users` for a table in SQLite, PostgreSQL, MySQL, or MariaDB, over any of `resetkit/connections/…`. An account is a
 * row, as the connection's client returns it.
 *
 * Values that tokens are bound to are read and compared as text, null-safe and without a collation. If the connection has
 * transactions, there's a `lock`, so the password, the token, and the sessions change together. If the store is in another
 * database, pass `{ ...sqlUsers(…), lock: undefined }`.
 *
 * On SQLite and PostgreSQL, identifiers are compared without case. In a large table, create an index for it: on
 * `lower(email)` in PostgreSQL, or `email collate nocase` in SQLite.
 *
 * @throws {TypeError} If an option is missing or unknown. `check` reports a table or a column that isn't there.
 */
export function sqlUsers<Row extends object = Record<string, any>>(
  connection: SqlConnection,
  options: SqlUsersOptions<Row>,
): Users<Row> {
  assertConnection(connection, "sqlUsers", ", { … }");
  assertKnownKeys(options, Object.keys(names), "sqlUsers");
  const { id = "id", identifier, passwordHash, address, state = [], locale, touch = {} } = options;
  const identifiers = listOf(
    identifier,
    "sqlUsers's identifier",
    'the column that accounts are found by, such as "email"',
  );
  const column = (name: unknown, option: string) => columnOf(name, `sqlUsers's ${option}`);
  return usersOn<Row>(connection, {
    made: "sqlUsers",
    table: checkedTable(options.table, "sqlUsers's table"),
    id: column(id, "id"),
    identifiers: identifiers.map((name) => column(name, "identifier")),
    passwordHash: column(passwordHash, "passwordHash"),
    address: column(address ?? identifiers[0], address ? "address" : "identifier"),
    state: state.map((name) => column(name, "state")),
    locale: locale === undefined ? undefined : column(locale, "locale"),
    touch: touchOf(touch, "sqlUsers", column),
    sessions: sessionsOf(options.sessions, "sqlUsers"),
    selected: "all",
    read: (row) => row as Row,
    ...accountOptions(options, "sqlUsers"),
  });
}

/** @internal */
export function sessionsOf<U>(
  given: SqlUsersOptions<U>["sessions"],
  made: string,
): UsersTable<U>["sessions"] {
  const example = '{ table: "sessions", userId: "user_id" }';
  if (!areInTable(given, { made, keys: ["table", "userId"], example })) return given;
  return {
    table: checkedTable(given.table, `${made}'s sessions.table`),
    userId: checkedName(given.userId, `${made}'s sessions.userId`),
  };
}
