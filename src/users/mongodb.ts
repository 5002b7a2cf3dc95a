import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { StateValue, Users } from "../types.js";
import {
  checkedCollection,
  checkedPath,
  type FieldPath,
  type MongodbClient,
  type MongodbCollection,
  type MongodbUser,
  valueAt,
  valuesAt,
} from "./mongodb/collection.js";
import {
  type AccountOptions,
  accountOptions,
  areInTable,
  assertSalted,
  listOf,
  touchOf,
} from "./shared/options.js";

export type { FieldPath, MongodbClient, MongodbCollection, MongodbUser } from "./mongodb/collection.js";
export type { AccountOptions } from "./shared/options.js";

/** The options of `mongodbUsers()`. */
export interface MongodbUsersOptions<C> extends AccountOptions<MongodbUser<C>> {
  /** The fields that accounts are found by, such as `"email"`, or paths such as `"profile.email"`. */
  readonly identifier: FieldPath<C> | readonly FieldPath<C>[];
  /** The field with the password hash. If it's null or absent, the account has no password yet and can get its first one. */
  readonly passwordHash: FieldPath<C>;
  /**
   * The field with the email address that messages go to.
   *
   * @default the first identifier
   */
  readonly address?: FieldPath<C>;
  /** Further fields that tokens are bound to. The hash and the email address always are. */
  readonly state?: readonly FieldPath<C>[];
  /** The field with the account's language. */
  readonly locale?: FieldPath<C>;
  /** Further fields to set with the password, such as `{ updatedAt: () => new Date() }`. */
  readonly touch?: Readonly<Record<string, () => unknown>>;
  /**
   * The collation of your index on the identifiers, such as the case-insensitive `{ locale: "en", strength: 2 }`.
   *
   * @default identifiers are found as typed and in lower case
   */
  readonly collation?: { readonly locale: string; readonly strength?: number };
  /**
   * The `MongoClient`, if the server has transactions (a replica set). Sessions are then revoked in the transaction that
   * sets the password. Without it, they're revoked right after, even if the process crashes in between.
   */
  readonly client?: MongodbClient;
  /**
   * The sessions to revoke: a collection and its field with the account's `_id`, a function like `users.revokeSessions`, or
   * `"none"` if your app has no sessions.
   */
  readonly sessions:
    | { readonly collection: MongodbCollection; readonly userId: string }
    | Users<MongodbUser<C>>["revokeSessions"];
}

const names = {
  identifier: true,
  passwordHash: true,
  address: true,
  state: true,
  locale: true,
  touch: true,
  collation: true,
  client: true,
  sessions: true,
  hashPassword: true,
  eligible: true,
  normalize: true,
} satisfies Record<keyof Required<MongodbUsersOptions<MongodbCollection>>, true>;

const made = "mongodbUsers";

/** A stale secondary could return an account's old password hash. */
const fresh = { readPreference: "primary" } as const;

/**
 * `users` for a MongoDB collection, over the official driver or Mongoose's `Model.collection`. An account is a document, as
 * the driver returns it. Its ID is `_id`, such as an ObjectId.
 *
 * One `findOneAndUpdate` sets the password, only if no value that tokens are bound to has changed. Null equals an absent
 * field. There's no `lock`, since `mongodbStore` has no transactions.
 *
 * @throws {TypeError} If an option is missing or unknown. `check` reports a field that no document has.
 * @example
 * ```ts
 * const users = mongodbUsers(db.collection("users"), {
 *   identifier: "email",
 *   passwordHash: "passwordHash",
 *   hashPassword: (password) => hash(password),
 *   sessions: { collection: db.collection("sessions"), userId: "userId" },
 * });
 * ```
 */
export function mongodbUsers<C extends MongodbCollection>(
  collection: C,
  options: MongodbUsersOptions<C>,
): Users<MongodbUser<C>> {
  type U = MongodbUser<C>;
  checkedCollection(collection, `${made}'s collection`);
  assertKnownKeys(options, Object.keys(names) as never, made);
  const path = (name: unknown, option: string) => checkedPath(name, `${made}'s ${option}`);
  const { client, collation } = options;
  if (client) assertFunction(client.startSession, `${made}'s client.startSession`, "pass the MongoClient");
  const named = listOf<string>(
    options.identifier as string | readonly string[],
    `${made}'s identifier`,
    'the field that accounts are found by, such as "email"',
  );
  const identifiers = named.map((one) => path(one, "identifier"));
  const passwordHash = path(options.passwordHash, "passwordHash");
  const address = path(options.address === undefined ? named[0] : options.address, "address");
  const locale = options.locale === undefined ? undefined : path(options.locale, "locale");
  const bound = [passwordHash, address, ...(options.state ?? []).map((one) => path(one, "state"))];
  const touch = touchOf(options.touch ?? {}, made, path);
  const sessions = sessionsOf<U>(options.sessions);
  const { hashPassword, eligible, normalize } = accountOptions(options, made);

  const stateOf = (user: U) => bound.map((field) => stateValue(valueAt(user, field), field));

  /** A token may contain an ObjectId as hexadecimal digits. The driver's ObjectId class is taken from a document. */
  async function idsLike(id: unknown): Promise<unknown[]> {
    if (typeof id !== "string" || !/^[\da-f]{24}$/.test(id)) return [id];
    const one = await collection.findOne({}, { ...fresh, projection: { _id: 1 } });
    const made = one?._id?.constructor as { createFromHexString?(digits: string): unknown } | undefined;
    return made?.createFromHexString ? [id, made.createFromHexString(id)] : [id];
  }

  async function setPassword(user: U, hash: string, expected: readonly StateValue[], session?: object) {
    const values = Object.fromEntries([
      ...touch.map(([field, value]) => [field, value()]),
      [passwordHash, hash],
    ]);
    const unchanged = bound.map((field, index) => ({ [field]: { $eq: expected[index] ?? null } }));
    const found = await collection.findOneAndUpdate(
      { _id: idOf(user), $and: unchanged },
      { $set: values },
      { projection: { _id: 1 }, includeResultMetadata: false, ...(session ? { session } : durable) },
    );
    // Drivers before version 6 wrap the document.
    return Boolean(found && "lastErrorObject" in found ? found.value : found);
  }

  const endSessions = (user: U, { collection: all, userId }: SessionsCollection, session?: object) =>
    all.deleteMany({ [userId]: idOf(user) }, session ? { session } : {});

  return {
    async findByIdentifier(typed) {
      const wanted = collation ? typed : { $in: [...new Set([typed, typed.toLowerCase()])] };
      const filter = { $or: identifiers.map((field) => ({ [field]: wanted })) };
      return collection.find(filter, { ...fresh, ...(collation && { collation }) }).toArray();
    },
    async findById(id) {
      // Not `$in`, which rejects a value that looks like an operator. `$eq` takes it literally.
      const ids = (await idsLike(id)).map((one) => ({ _id: { $eq: one } }));
      return collection.findOne({ $or: ids }, fresh);
    },
    stateOf,
    hashPassword,
    async setPassword(user, hash, { expected }) {
      assertSalted(hash, expected[0], made);
      if (!client || !isCollection(sessions)) return setPassword(user, hash, expected);
      return inTransaction(client, async (session) => {
        const isSet = await setPassword(user, hash, expected, session);
        if (isSet) await endSessions(user, sessions, session);
        return isSet;
      });
    },
    revokeSessions: isCollection(sessions) ? (user) => endSessions(user, sessions) : sessions,
    idOf,
    identifierOf: (user) =>
      identifiers
        .flatMap((field) => valuesAt(user, field))
        .filter((one) => one !== null && one !== undefined)
        .map(String),
    addressOf: (user) => valueAt(user, address) as string,
    // An account without an email address gets no email.
    mayReset: (user) => typeof valueAt(user, address) === "string" && (eligible ? eligible(user) : true),
    ...(locale && { localeOf: (user: U) => (valueAt(user, locale) as string | null) ?? undefined }),
    ...(normalize && { normalize }),
    async check() {
      await checkFields(collection, `${made}'s`, [
        ...identifiers.map((field) => ({ option: "identifier", field })),
        { option: "passwordHash", field: passwordHash },
        ...(options.address === undefined ? [] : [{ option: "address", field: address }]),
      ]);
      for (const field of bound) {
        const found = await collection.findOne({ [field]: { $exists: true } }, fresh);
        if (found) stateValue(valueAt(found, field), field);
      }
      if (isCollection(sessions)) {
        await checkFields(sessions.collection, `${made}'s sessions.`, [
          { option: "userId", field: sessions.userId },
        ]);
      }
      return (await import("./mongodb/identifier-index.js")).unindexed(collection, identifiers, made);
    },
  };
}

/** A failover must not bring the old password back. */
const durable = { writeConcern: { w: "majority" } } as const;

interface SessionsCollection {
  readonly collection: MongodbCollection;
  readonly userId: string;
}

function sessionsOf<U>(
  given: MongodbUsersOptions<MongodbCollection>["sessions"] | Users<U>["revokeSessions"],
): SessionsCollection | Users<U>["revokeSessions"] {
  const example = '{ collection: db.collection("sessions"), userId: "userId" }';
  // If it isn't a collection, it's a function of the application's users, or "none".
  if (!areInTable(given, { made, keys: ["collection", "userId"], example })) {
    return given as Users<U>["revokeSessions"];
  }
  return {
    collection: checkedCollection(given.collection, `${made}'s sessions.collection`),
    userId: checkedPath(given.userId, `${made}'s sessions.userId`),
  };
}

function isCollection(sessions: unknown): sessions is SessionsCollection {
  return typeof sessions === "object" && sessions !== null;
}

function idOf(user: { readonly _id?: any }): any {
  const { _id: id } = user;
  if (id !== undefined && id !== null) return id;
  throw new UsageError(`${made}: the account that was passed has no _id. Pass one that the driver returned.`);
}

function stateValue(value: unknown, field: string): StateValue {
  if (typeof value !== "object" || value === null || value instanceof Date) return value as StateValue;
  throw new UsageError(
    `${made}'s field ${JSON.stringify(field)} is an array or a document, and tokens can't be bound to it. Name a field with text, a number, a boolean, or a date.`,
  );
}

async function inTransaction<T>(client: MongodbClient, work: (session: object) => Promise<T>): Promise<T> {
  const session = client.startSession();
  let result!: T;
  try {
    await session.withTransaction(async () => {
      result = await work(session);
    });
    return result;
  } finally {
    await session.endSession();
  }
}

/**
 * MongoDB has no columns, so a field counts as misspelled if there are documents and none of them has it. The error lists
 * the fields of one document.
 */
async function checkFields(
  collection: MongodbCollection,
  made: string,
  fields: readonly { readonly option: string; readonly field: string }[],
): Promise<void> {
  const one = await collection.findOne({}, fresh);
  if (!one) return;
  for (const { option, field } of fields) {
    if (await collection.findOne({ [field]: { $exists: true } }, { ...fresh, projection: { _id: 1 } }))
      continue;
    throw new UsageError(
      `${made}${made.endsWith(".") ? "" : " "}${option} is ${JSON.stringify(field)}, but no document of the collection has that field. Pass one of ${Object.keys(one).join(", ")}.`,
    );
  }
}
