import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { drizzle, type DrizzleDatabase } from "../connections/drizzle.js";
import type { Users } from "../types.js";
import { type ColumnOf, type DrizzleColumn, type DrizzleTable, tableOf } from "./drizzle/schema.js";
import { type AccountOptions, accountOptions, areInTable, listOf } from "./shared/options.js";
import { type Column, usersOn, type UsersTable } from "./sql/accounts.js";
import { checkedName, checkedTable } from "../sql/names.js";
import type { Given } from "./sql/statements.js";

export type { ColumnOf, DrizzleColumn, DrizzleTable } from "./drizzle/schema.js";
export type { AccountOptions } from "./shared/options.js";

/** An account, as `db.select().from(table)` returns it. */
export type DrizzleUser<T extends DrizzleTable> = T["$inferSelect"];

/** The options of `drizzleUsers()`. */
export interface DrizzleUsersOptions<T extends DrizzleTable> extends AccountOptions<DrizzleUser<T>> {
  /**
   * The column with the account's ID.
   *
   * @default the table's primary key
   */
  readonly id?: ColumnOf<T>;
  /** The columns that accounts are found by, such as `users.email` or `[users.email, users.username]`. */
  readonly identifier: ColumnOf<T> | readonly ColumnOf<T>[];
  /** The column with the password hash. An account whose hash is null has no password yet and can get its first one. */
  readonly passwordHash: ColumnOf<T>;
  /**
   * The column with the email address that messages go to.
   *
   * @default the first identifier
   */
  readonly address?: ColumnOf<T>;
  /** Further columns that tokens are bound to. The hash and the email address always are. */
  readonly state?: readonly ColumnOf<T>[];
  /** The column with the account's language. */
  readonly locale?: ColumnOf<T>;
  /**
   * Further columns to set with the password, by property, such as `{ updatedAt: () => new Date() }`. Columns with
   * `$onUpdate` are set even if they aren't listed here.
   */
  readonly touch?: { readonly [K in keyof T["$inferInsert"]]?: () => T["$inferInsert"][K] };
  /**
   * The sessions to revoke in the transaction that sets the password: a table of the schema (or its name, if it isn't in
   * the schema), a function like `users.revokeSessions`, or `"none"` if your app has no sessions.
   */
  readonly sessions:
    | { readonly table: DrizzleTable | string; readonly userId: DrizzleColumn | string }
    | Users<DrizzleUser<T>>["revokeSessions"];
}

const names = {
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
} satisfies Record<keyof Required<DrizzleUsersOptions<DrizzleTable>>, true>;

const made = "drizzleUsers";

/**
 * `users` for a table of a Drizzle schema, on PostgreSQL, MySQL, MariaDB, or SQLite. An account is what Drizzle's own
 * `select` returns.
 *
 * It runs over the connection `drizzle(db)`, so with `sqlStore(drizzle(db))` the password, the token, and the sessions
 * change in one transaction. If the store is in another database, pass `{ ...drizzleUsers(…), lock: undefined }`. Values
 * that tokens are bound to are read and compared as text, as with `sqlUsers`.
 *
 * @throws {TypeError} If an option is missing or unknown, or isn't a column of the table. `check` reports what the
 * database doesn't have.
 * @example
 * ```ts
 * const users = drizzleUsers(db, usersTable, {
 *   identifier: usersTable.email,
 *   passwordHash: usersTable.passwordHash,
 *   hashPassword: (password) => hash(password),
 *   sessions: { table: sessionsTable, userId: sessionsTable.userId },
 * });
 * ```
 */
export function drizzleUsers<T extends DrizzleTable>(
  db: DrizzleDatabase,
  table: T,
  options: DrizzleUsersOptions<T>,
): Users<DrizzleUser<T>> {
  const connection = drizzle(db);
  assertKnownKeys(options, Object.keys(names), made);
  const { name, columnOf, columns } = tableOf(table, db, made);
  const column = (reference: unknown, option: string) => columnOf(reference, `${made}'s ${option}`);
  const { identifier, passwordHash, address, state = [], locale } = options;
  const identifiers = listOf(
    identifier,
    `${made}'s identifier`,
    "the column that accounts are found by, such as users.email",
  );

  return usersOn<DrizzleUser<T>>(connection, {
    made,
    table: name,
    id: column(options.id ?? primaryKeyOf(columns), "id"),
    identifiers: identifiers.map((one) => column(one, "identifier")),
    passwordHash: column(passwordHash, "passwordHash"),
    address: column(address ?? identifiers[0], address ? "address" : "identifier"),
    state: state.map((one) => column(one, "state")),
    locale: locale === undefined ? undefined : column(locale, "locale"),
    touch: touched(columns, column, options.touch),
    sessions: sessionsOf(options.sessions, db),
    selected: columns.map(({ property, reference }) => column(reference, `column ${property}`)),
    read: (row) =>
      Object.fromEntries(
        columns.map(({ property, name: stored, reference }) => {
          const value = row[stored] ?? null;
          return [property, value === null ? null : reference.mapFromDriverValue(value)];
        }),
      ),
    ...accountOptions(options, made),
  });
}

type Columns = ReturnType<typeof tableOf>["columns"];

function primaryKeyOf(columns: Columns): DrizzleColumn | undefined {
  const keys = columns.filter(({ reference }) => reference.primary);
  return (keys.length === 1 ? keys[0] : columns.find(({ property }) => property === "id"))?.reference;
}

/** The columns of `touch`, and those that Drizzle sets in each of its own updates. */
function touched<U>(
  columns: Columns,
  column: (reference: unknown, option: string) => Column,
  touch: Readonly<Record<string, unknown>> = {},
): UsersTable<U>["touch"] {
  for (const [property, value] of Object.entries(touch)) {
    assertFunction(value, `${made}'s touch.${property}`, "pass a function that returns the value to set");
    if (columns.every((one) => one.property !== property)) column(undefined, `touch.${property}`);
  }
  return columns.flatMap(({ property, reference }) => {
    const value = (touch[property] ?? reference.onUpdateFn) as (() => unknown) | undefined;
    if (!value) return [];
    if (!(property in touch)) assertNoSql(value(), property);
    const send = () => {
      const made = value();
      return (made === null ? null : reference.mapToDriverValue(made)) as Given;
    };
    return [[column(reference, `touch.${property}`), send] as const];
  });
}

function assertNoSql(value: unknown, property: string): void {
  if (typeof value !== "object" || value === null || !("getSQL" in value)) return;
  throw new UsageError(
    `${made} can't run the SQL that ${property} has in $onUpdate. Pass a value instead, such as touch: { ${property}: () => new Date() }.`,
  );
}

function sessionsOf<U>(
  given: DrizzleUsersOptions<DrizzleTable>["sessions"] | Users<U>["revokeSessions"],
  db: object,
): UsersTable<U>["sessions"] {
  const example = "{ table: sessions, userId: sessions.userId } with a table of your schema";
  if (!areInTable(given, { made, keys: ["table", "userId"], example })) return given;
  const { table, userId } = given;
  const schema = typeof table === "string" ? undefined : tableOf(table, db, `${made}'s sessions.table`);
  return {
    table: schema?.name ?? checkedTable(table, `${made}'s sessions.table`),
    userId:
      typeof userId === "string" || !schema
        ? checkedName(userId, `${made}'s sessions.userId`)
        : schema.columnOf(userId, `${made}'s sessions.userId`).name,
  };
}
