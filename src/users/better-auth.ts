import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { SqlConnection } from "../ports.js";
import { assertConnection } from "../sql/connection.js";
import { checkedName, checkedTable } from "../sql/names.js";
import type { Users } from "../types.js";
import { usersApart } from "./sql/apart.js";

/** The part of what `betterAuth()` returns that's used here. */
export interface BetterAuth {
  readonly options: any;
  readonly $context: Promise<any>;
}

/** A row of Better Auth's table of users, as the connection's client returns it. */
export interface BetterAuthUser {
  readonly id: any;
  readonly email: string;
  readonly [column: string]: any;
}

/** The options of `betterAuthUsers()`. */
export interface BetterAuthUsersOptions {
  /**
   * Whether an account may reset its password.
   *
   * @default every account may
   */
  readonly eligible?: (user: BetterAuthUser) => boolean;
  /**
   * Returns the hash to store.
   *
   * @default the hash that `auth` is configured with, or Better Auth's scrypt
   */
  readonly hashPassword?: (password: string) => string | Promise<string>;
}

const made = "betterAuthUsers";

/**
 * `users` for the tables of Better Auth in SQLite, PostgreSQL, MySQL, or MariaDB. Names of tables and fields are read from
 * `auth`, and its own password hash is used, so Better Auth accepts the new password at sign-in. A user without a
 * password, such as one who signs in with Google, can get their first one.
 *
 * With `sqlStore(connection)`, the password, the token, and the sessions change in one transaction. With
 * `secondaryStorage`, Better Auth revokes the sessions itself, outside that transaction. A session in a cookie cache lasts
 * until the cache expires.
 *
 * @throws {TypeError} If `auth` isn't what `betterAuth()` returned. `check` reports what the database doesn't have.
 * @example
 * ```ts
 * const users = betterAuthUsers(pg(pool), auth);
 * ```
 */
export function betterAuthUsers(
  connection: SqlConnection,
  auth: BetterAuth,
  options: BetterAuthUsersOptions = {},
): Users<BetterAuthUser> {
  assertConnection(connection, made, ", auth");
  if (typeof auth?.options !== "object" || auth.$context === undefined) {
    throw new UsageError(`${made} takes what betterAuth() returned: ${made}(pg(pool), auth).`);
  }
  assertKnownKeys(options, ["eligible", "hashPassword"], made);
  const { eligible, hashPassword } = options;
  if (eligible) assertFunction(eligible, `${made}'s eligible`, "pass a function that returns true or false");
  if (hashPassword)
    assertFunction(hashPassword, `${made}'s hashPassword`, "pass a function that returns the hash");
  const user = namesOf(auth, "user", ["email"]);
  const inAccount = ["userId", "providerId", "accountId", "password", "createdAt", "updatedAt"] as const;
  const account = namesOf(auth, "account", inAccount);
  const session = namesOf(auth, "session", ["userId"]);
  const { secondaryStorage } = auth.options;

  return usersApart<BetterAuthUser>(connection, {
    made,
    user: { table: user.table, email: user.nameOf("email") },
    hash: {
      table: account.table,
      userId: account.nameOf("userId"),
      column: account.nameOf("password"),
      only: [account.nameOf("providerId"), "credential"],
      set: () => [[account.nameOf("updatedAt"), new Date()]],
      async add(id) {
        const { generateId } = await auth.$context;
        const rowId = generateId?.({ model: "account" });
        return [
          ...(rowId ? [["id", rowId] as const] : []),
          [account.nameOf("accountId"), String(id)],
          [account.nameOf("createdAt"), new Date()],
        ];
      },
    },
    // With secondaryStorage, Better Auth also deletes its own rows. If our transaction deleted them too, Better Auth would
    // wait for its locks.
    sessions: secondaryStorage
      ? async ({ id }) => {
          const { internalAdapter } = await auth.$context;
          await (internalAdapter.deleteUserSessions ?? internalAdapter.deleteSessions)(id);
        }
      : { table: session.table, userId: session.nameOf("userId") },
    // With secondaryStorage, Better Auth doesn't create a sessions table by default.
    needed: [user, account, ...(secondaryStorage ? [] : [session])].map(({ needed }) => needed),
    hashPassword: hashPassword ?? (async (password) => (await auth.$context).password.hash(password)),
    eligible,
  });
}

/** The names that one of Better Auth's models has in the database. */
function namesOf<Field extends string>({ options }: BetterAuth, model: string, fields: readonly Field[]) {
  const { modelName, fields: renamed = {} } = options[model] ?? {};
  const option = `${made}: Better Auth's ${model}`;
  const table = checkedTable(modelName ?? model, option);
  const nameOf = (field: Field) => checkedName(renamed[field] ?? field, `${option}.fields.${field}`);
  const columnOf = (field: string, name: string) => ({
    option: `${made}: the field ${field} of Better Auth's ${model}`,
    name,
  });
  const columns = [columnOf("id", "id"), ...fields.map((field) => columnOf(field, nameOf(field)))];
  return { table, nameOf, needed: { option, table, columns } };
}
