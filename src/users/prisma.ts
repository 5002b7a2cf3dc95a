import { assertFunction, assertKnownKeys } from "../check-options.js";
import type { PrismaClient } from "../connections/prisma.js";
import type { Users } from "../types.js";
import { type FieldName, type ModelName, modelOf, type PrismaUser } from "./prisma/model.js";
import { usersOfModel } from "./prisma/accounts.js";
import { type AccountOptions, accountOptions, areInTable, listOf, touchOf } from "./shared/options.js";

export type { FieldName, ModelName, PrismaDelegate, PrismaUser } from "./prisma/model.js";
export type { AccountOptions } from "./shared/options.js";

/** Sessions in a model of the client. */
export type PrismaSessions<C> = {
  [M in ModelName<C>]: { readonly table: M; readonly userId: FieldName<C, M> };
}[ModelName<C>];

/** The options of `prismaUsers()`. */
export interface PrismaUsersOptions<C, M extends ModelName<C>> extends AccountOptions<PrismaUser<C, M>> {
  /**
   * The field with the account's ID.
   *
   * @default "id"
   */
  readonly id?: FieldName<C, M>;
  /** The fields that accounts are found by, such as `"email"` or `["email", "username"]`. */
  readonly identifier: FieldName<C, M> | readonly FieldName<C, M>[];
  /** The field with the password hash. An account whose hash is null has no password yet and can get its first one. */
  readonly passwordHash: FieldName<C, M>;
  /**
   * The field with the email address that messages go to.
   *
   * @default the first identifier
   */
  readonly address?: FieldName<C, M>;
  /** Further fields that tokens are bound to. The hash and the email address always are. */
  readonly state?: readonly FieldName<C, M>[];
  /** The field with the account's language. */
  readonly locale?: FieldName<C, M>;
  /** Further fields to set with the password. Prisma sets those with `@updatedAt` itself. */
  readonly touch?: {
    readonly [F in keyof PrismaUser<C, M>]?: () => PrismaUser<C, M>[F];
  };
  /**
   * The sessions to revoke in the transaction that sets the password: a model of the client and its field, as in
   * `{ table: "session", userId: "userId" }`, a function like `users.revokeSessions`, or `"none"` if your app has no
   * sessions.
   */
  readonly sessions: PrismaSessions<C> | Users<PrismaUser<C, M>>["revokeSessions"];
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
} satisfies Record<keyof Required<PrismaUsersOptions<any, any>>, true>;

const made = "prismaUsers";

/**
 * `users` for a model of a Prisma client. Use the names of the schema's models and fields; `@map` and `@@map` don't matter.
 * An account is what the client's own queries return.
 *
 * On PostgreSQL, MySQL, MariaDB, and SQLite, there's a `lock`, so with `sqlStore(prisma(client))` the password, the token,
 * and the sessions change in one transaction. If the store is in another database, pass
 * `{ ...prismaUsers(…), lock: undefined }`. `updateMany` sets the password, only if no value that tokens are bound to has
 * changed. Null equals null.
 *
 * @throws {TypeError} If an option is missing or unknown, or if the client has no such model or field. `check` reports a
 * table or a column that the database doesn't have.
 * @example
 * ```ts
 * const users = prismaUsers(client, "user", {
 *   identifier: "email",
 *   passwordHash: "passwordHash",
 *   hashPassword: (password) => hash(password),
 *   sessions: { table: "session", userId: "userId" },
 * });
 * ```
 */
export function prismaUsers<C extends object, const M extends ModelName<C>>(
  client: C,
  model: M,
  options: PrismaUsersOptions<C, M>,
): Users<PrismaUser<C, M>> {
  assertFunction(
    (client as Partial<PrismaClient> | undefined)?.$transaction,
    `${made}'s client`,
    "pass what new PrismaClient() returned",
  );
  const described = modelOf(client, model, `${made}'s model`);
  assertKnownKeys(options, Object.keys(names) as never, made);
  const { id = "id", identifier, passwordHash, address, state = [], locale, touch = {}, sessions } = options;
  const field = (name: unknown, option: string) => described.checkField(name, `${made}'s ${option}`);
  const identifiers = listOf(
    identifier,
    `${made}'s identifier`,
    'the field that accounts are found by, such as "email"',
  );

  return usersOfModel<PrismaUser<C, M>>(client as never, {
    made,
    model: described,
    id: field(id, "id"),
    identifiers: identifiers.map((one) => field(one, "identifier")),
    passwordHash: field(passwordHash, "passwordHash"),
    address: field(address ?? identifiers[0], address ? "address" : "identifier"),
    state: state.map((one) => field(one, "state")),
    locale: locale === undefined ? undefined : field(locale, "locale"),
    touch: touchOf(touch as Readonly<Record<string, () => unknown>>, made, field),
    sessions: sessionsOf(client, sessions),
    ...accountOptions(options, made),
  });
}

function sessionsOf<C extends object, U extends object>(
  client: C,
  given: PrismaSessions<C> | Users<U>["revokeSessions"],
): Parameters<typeof usersOfModel<U>>[1]["sessions"] {
  const example = '{ table: "session", userId: "userId" } with a model of your schema';
  if (!areInTable(given, { made, keys: ["table", "userId"], example })) return given as never;
  const { table, userId } = given as { readonly table: unknown; readonly userId: unknown };
  const model = modelOf(client, table, `${made}'s sessions.table`);
  return { model, userId: model.checkField(userId, `${made}'s sessions.userId`) };
}
