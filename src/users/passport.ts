import { random } from "#crypto";
import { assertFunction, assertKnownKeys } from "../check-options.js";
import { fromHex, hex, utf8 } from "../crypto/encoding.js";
import type { SqlConnection, SqlDialect, UserId } from "../ports.js";
import { assertConnection } from "../sql/connection.js";
import { checkedName, checkedTable } from "../sql/names.js";
import type { Awaitable, Users } from "../types.js";
import { type AccountOptions, accountOptions, areInTable } from "./shared/options.js";
import { columnOf, usersOn } from "./sql/accounts.js";
import type { SessionsTable } from "./sql/sessions.js";

/** A row of the table of users, as the connection's client returns it. */
export interface PassportUser {
  readonly id: UserId;
  readonly username: string;
  readonly [column: string]: unknown;
}

/** The options of `passportUsers()`. */
export interface PassportUsersOptions extends Pick<AccountOptions<PassportUser>, "eligible" | "normalize"> {
  /**
   * The users table.
   *
   * @default "users"
   */
  readonly table?: string;
  /**
   * The column with the username that users sign in with.
   *
   * @default "username"
   */
  readonly username?: string;
  /**
   * The column with the email address that messages go to. Accounts are also found by it.
   *
   * @default the column `username`
   */
  readonly address?: string;
  /**
   * The column with the hash's bytes.
   *
   * @default "hashed_password"
   */
  readonly passwordHash?: string;
  /**
   * The column with the salt's bytes.
   *
   * @default "salt"
   */
  readonly salt?: string;
  /**
   * Returns the hash's bytes, computed as in your `verify` function.
   *
   * @default PBKDF2 with SHA-256, 310,000 iterations, and 32 bytes
   */
  readonly hashPassword?: (password: string, salt: Uint8Array) => Awaitable<Uint8Array>;
  /**
   * The sessions to revoke, if express-session keeps them in the same database: the table of connect-sqlite3 or
   * connect-pg-simple, and its column with the session as JSON. Or a function like `users.revokeSessions`, or `"none"`.
   *
   * @default { table: "sessions", session: "sess" }
   */
  readonly sessions?:
    { readonly table: string; readonly session: string } | Users<PassportUser>["revokeSessions"];
}

const made = "passportUsers";
const known: Readonly<Record<keyof Required<PassportUsersOptions>, true>> = {
  table: true,
  username: true,
  address: true,
  passwordHash: true,
  salt: true,
  hashPassword: true,
  sessions: true,
  eligible: true,
  normalize: true,
};

/**
 * `users` for the table in Passport's username and password tutorial: `username`, `hashed_password`, and `salt`, in SQLite,
 * PostgreSQL, MySQL, or MariaDB. The new password is hashed as in the tutorial, with a new salt, so the tutorial's `verify`
 * function accepts it.
 *
 * The tutorial's table has no email address: add a column for it, and pass its name as `address`. With
 * `sqlStore(connection)`, the password, the token, and the sessions change in one transaction.
 *
 * @throws {TypeError} If an option is unknown. `check` reports a table or a column that isn't there.
 * @example
 * ```ts
 * const users = passportUsers(betterSqlite3(db), { address: "email" });
 * ```
 */
export function passportUsers(
  connection: SqlConnection,
  options: PassportUsersOptions = {},
): Users<PassportUser> {
  assertConnection(connection, made, ", { … }");
  assertKnownKeys(options, Object.keys(known), made);
  const { hashPassword = pbkdf2, ...rest } = options;
  assertFunction(
    hashPassword,
    `${made}'s hashPassword`,
    "pass a function of password and salt that returns the hash's bytes",
  );
  const column = (name: string, option: string) => columnOf(name, `${made}'s ${option}`);
  const { address } = options;
  const username = column(options.username ?? "username", "username");
  const email = address === undefined ? username : column(address, "address");
  const passwordHash = {
    ...column(options.passwordHash ?? "hashed_password", "passwordHash"),
    isBinary: true,
  };
  const salt = { ...column(options.salt ?? "salt", "salt"), isBinary: true };

  return usersOn<PassportUser>(connection, {
    made,
    table: checkedTable(options.table ?? "users", `${made}'s table`),
    id: column("id", "id"),
    identifiers: address === undefined ? [username] : [username, email],
    passwordHash,
    address: email,
    state: [salt],
    locale: undefined,
    touch: [],
    sessions: sessionsOf(options.sessions ?? { table: "sessions", session: "sess" }),
    selected: "all",
    read: (row) => row as PassportUser,
    ...accountOptions({ ...rest, hashPassword: (password) => salted(password, hashPassword) }, made),
    // The engine passes hashes on as one string, so it contains both columns.
    stored: (text) =>
      text.split(".").map((part, index) => [index === 0 ? salt : passwordHash, fromHex(part)] as const),
  });
}

/** Salt and hash in one string. */
async function salted(
  password: string,
  hashPassword: NonNullable<PassportUsersOptions["hashPassword"]>,
): Promise<string> {
  const salt = random(16);
  return `${hex(salt)}.${hex(await hashPassword(password, salt))}`;
}

/** `crypto.pbkdf2(password, salt, 310000, 32, "sha256", …)`, as the tutorial calls it. */
async function pbkdf2(password: string, salt: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", utf8(password) as BufferSource, "PBKDF2", false, [
    "deriveBits",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: salt as BufferSource, iterations: 310_000 };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

function sessionsOf(
  given: NonNullable<PassportUsersOptions["sessions"]>,
): SessionsTable | Exclude<Users<PassportUser>["revokeSessions"], undefined> {
  const example = '{ table: "sessions", session: "sess" }';
  if (!areInTable(given, { made, keys: ["table", "session"], example })) return given;
  return {
    table: checkedTable(given.table, `${made}'s sessions.table`),
    userId: checkedName(given.session, `${made}'s sessions.session`),
    isOwn: (writer, session, id) => {
      // As text: a driver may send a number as a type that doesn't equal the one in the JSON.
      const forms = serialized(writer.dialect, session);
      return `(${forms.map((form) => `${form} = ${writer.value(String(id))}`).join(" or ")})`;
    },
  };
}

/** Both forms of a user that Passport's `serializeUser` may have stored in a session: an object with an id, or the id. */
function serialized(dialect: SqlDialect, session: string): readonly [string, string] {
  if (dialect === "postgres") {
    const at = (path: string) => `cast(${session} as jsonb) #>> '{passport,user${path}}'`;
    return [at(",id"), at("")];
  }
  const at = (path: string) => `json_extract(${session}, '$.passport.user${path}')`;
  const text = (value: string) => (dialect === "mysql" ? `json_unquote(${value})` : `cast(${value} as text)`);
  const valid = (value: string) => `case when json_valid(${session}) then ${text(value)} end`;
  return [valid(at(".id")), valid(at(""))];
}
