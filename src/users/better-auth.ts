import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import type { SqlConnection, SqlResult } from "../ports.js";
import { assertConnection } from "../sql/connection.js";
import { withRetries } from "../sql/retry.js";
import type { Users } from "../types.js";
import { assertSalted } from "./shared/options.js";
import { checkTable } from "./sql/check.js";
import { checkedName, checkedTable } from "../sql/names.js";
import { createWriter, type Given, type Writer } from "./sql/statements.js";

/** What `betterAuth()` returns, by what is read of it. */
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

export interface BetterAuthUsersOptions {
  /** Whether an account may reset its password. Default: every account. */
  readonly eligible?: (user: BetterAuthUser) => boolean;
  /** Makes the stored hash. Default: as `auth` is configured, with Better Auth's scrypt if it isn't. */
  readonly hashPassword?: (password: string) => string | Promise<string>;
}

const made = "betterAuthUsers";
const credential = "credential";

/**
 * `users` for the tables of Better Auth in SQLite, PostgreSQL, MySQL, or MariaDB. Names of tables and fields are read from
 * `auth`, and its own password hash is used, so Better Auth accepts the new password at sign-in. A user without a
 * password, such as one who signs in with Google, can get their first one.
 *
 * The password, the token, and the sessions change in one transaction with `sqlStore(connection)`. With
 * `secondaryStorage`, Better Auth ends the sessions itself, outside it. A session in a cookie cache lasts until that cache
 * expires.
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
  const inAccount = ["userId", "providerId", "accountId", "password", "createdAt", "updatedAt"];
  const account = namesOf(auth, "account", inAccount);
  const session = namesOf(auth, "session", ["userId"]);
  /** Read with the account and kept apart from it: the hash isn't in the table of users. */
  const states = new WeakMap<object, readonly (string | null)[]>();

  async function run(writer: Writer, text: string, rows: boolean, handle?: unknown): Promise<SqlResult> {
    try {
      return await connection.query({ text, rows }, writer.values, handle);
    } catch (error) {
      // A wrong name is reported with its fix. Inside a transaction nothing can be asked after an error.
      if (handle === undefined) await check();
      throw error;
    }
  }

  async function select(
    where: (writer: Writer) => string,
    { transaction, lock = false }: { readonly transaction?: unknown; readonly lock?: boolean } = {},
  ): Promise<BetterAuthUser[]> {
    const writer = createWriter(connection.dialect);
    const hash = writer.asText(account.column(writer, "password"));
    const isOwn = `${account.column(writer, "userId")} = ${user.id(writer)}`;
    const isPassword = `${account.column(writer, "providerId")} = ${writer.value(credential)}`;
    // One value in any case: a join would return a user with two such rows twice.
    const stored = `(select max(${hash}) from ${account.table(writer)} where ${isOwn} and ${isPassword})`;
    const email = writer.asText(user.column(writer, "email"));
    const columns = `${user.own(writer)}.*, ${stored} as resetkit_hash, ${email} as resetkit_email`;
    const locked = lock ? writer.forUpdate : "";
    const text = `select ${columns} from ${user.table(writer)} where ${where(writer)}${locked}`;
    const { rows } = await run(writer, text, true, transaction);
    return rows.map(({ resetkit_hash: stored, resetkit_email: address, ...row }) => {
      const found = { ...row, id: row["id"], email: textOf(row[user.names["email"]!])! };
      states.set(found, [textOf(stored), textOf(address)]);
      return found;
    });
  }

  const hasId = (id: unknown) => (writer: Writer) => `${user.id(writer)} = ${writer.value(id as Given)}`;
  const lock = async (id: unknown, { transaction }: { readonly transaction: unknown }) =>
    (await select(hasId(id), { transaction, lock: true }))[0];

  async function stateOf(given: BetterAuthUser, transaction?: unknown) {
    const known = states.get(given);
    if (known) return known;
    const [found] = await select(hasId(given.id), { transaction });
    if (found) return states.get(found)!;
    throw new UsageError(`${made}: there's no user with the id of the one that was passed.`);
  }

  /** The row with the password is changed, or made if the user has none. */
  async function setPassword(
    { id }: BetterAuthUser,
    hash: string,
    [oldHash, email]: readonly (string | null)[],
    handle?: unknown,
  ): Promise<boolean> {
    const isSame = (writer: Writer) =>
      `${hasId(id)(writer)} and ${writer.isStill(user.column(writer, "email"), email ?? null)}`;
    const isPassword = (writer: Writer) =>
      `${account.column(writer, "userId")} = ${writer.value(id)} and ${account.column(writer, "providerId")} = ${writer.value(credential)}`;

    const change = createWriter(connection.dialect);
    const set = (name: string, value: Given) =>
      `${change.name(account.names[name]!)} = ${change.value(value)}`;
    const updated = await run(
      change,
      [
        `update ${account.table(change)} set ${set("password", hash)}, ${set("updatedAt", new Date())}`,
        `where ${isPassword(change)} and ${change.isStill(account.column(change, "password"), oldHash ?? null)}`,
        `and exists (select 1 from ${user.table(change)} where ${isSame(change)})`,
      ].join(" "),
      false,
      handle,
    );
    if (updated.changes > 0 || (oldHash ?? null) !== null) return updated.changes > 0;

    // Two first passwords would be two rows, which nothing in Better Auth's tables forbids.
    if (handle !== undefined) await lock(id, { transaction: handle });
    const add = createWriter(connection.dialect);
    const now = new Date();
    const { generateId } = await auth.$context;
    const rowId = generateId?.({ model: "account" });
    const values: [string, Given][] = [
      ...(rowId ? [["id", rowId] as [string, Given]] : []),
      ...([
        ["userId", id],
        ["accountId", String(id)],
        ["providerId", credential],
        ["password", hash],
        ["createdAt", now],
        ["updatedAt", now],
      ] as [string, Given][]),
    ];
    const columns = values.map(([name]) => add.name(account.names[name] ?? name)).join(", ");
    const given = values.map(([, value]) => add.value(value)).join(", ");
    const isNone = (writer: Writer) =>
      `not exists (select 1 from ${account.table(writer)} where ${isPassword(writer)})`;
    const added = await run(
      add,
      `insert into ${account.table(add)} (${columns}) select ${given} from ${user.table(add)} where ${isSame(add)} and ${isNone(add)}`,
      false,
      handle,
    );
    return added.changes === 1;
  }

  async function endSessions({ id }: BetterAuthUser, handle?: unknown): Promise<void> {
    if (auth.options.secondaryStorage) {
      // Better Auth removes its own rows there, too. Removing them here as well would make it wait for our transaction.
      const { internalAdapter } = await auth.$context;
      await (internalAdapter.deleteUserSessions ?? internalAdapter.deleteSessions)(id);
      return;
    }
    const writer = createWriter(connection.dialect);
    const owner = `${session.column(writer, "userId")} = ${writer.value(id)}`;
    await run(writer, `delete from ${session.table(writer)} where ${owner}`, false, handle);
  }

  async function setAlone(given: BetterAuthUser, hash: string, expected: readonly (string | null)[]) {
    const { transaction } = connection;
    if (!transaction) return setPassword(given, hash, expected);
    return transaction(async (handle) => {
      const isSet = await setPassword(given, hash, expected, handle);
      if (isSet) await endSessions(given, handle);
      return isSet;
    });
  }

  async function check(): Promise<void> {
    // With secondaryStorage, Better Auth makes no table of sessions by default.
    const models = { user, account, ...(!auth.options.secondaryStorage && { session }) };
    for (const [model, { parts, names }] of Object.entries(models)) {
      const columns = Object.entries({ id: "id", ...names }).map(([field, name]) => ({
        option: `${made}: the field ${field} of Better Auth's ${model}`,
        name,
      }));
      await checkTable(connection, { option: `${made}: Better Auth's ${model}`, table: parts, columns });
    }
  }

  return {
    findByIdentifier: (typed) => select((writer) => writer.isNamed(user.column(writer, "email"), typed)),
    findById: async (id) => (await select(hasId(id)))[0],
    stateOf: (given, { transaction }) => stateOf(given, transaction),
    hashPassword: hashPassword ?? (async (password) => (await auth.$context).password.hash(password)),
    async setPassword(given, hash, { expected, transaction }) {
      assertSalted(hash, expected[0], made);
      const state = expected as readonly (string | null)[];
      if (transaction !== undefined) return setPassword(given, hash, state, transaction);
      return withRetries(() => setAlone(given, hash, state));
    },
    revokeSessions: (given, { transaction }) => endSessions(given, transaction),
    ...(eligible && { mayReset: (given: BetterAuthUser) => eligible(given) }),
    ...(connection.transaction && { lock }),
    check,
  };
}

/** A model of Better Auth's by its names in the database. */
function namesOf({ options }: BetterAuth, model: string, fields: readonly string[]) {
  const { modelName, fields: renamed = {} } = options[model] ?? {};
  const option = `${made}: Better Auth's ${model}`;
  const parts = checkedTable(modelName ?? model, option);
  const names: Readonly<Record<string, string>> = Object.fromEntries(
    fields.map((field) => [field, checkedName(renamed[field] ?? field, `${option}.fields.${field}`)]),
  );
  const own = (writer: Writer) => writer.name(parts.at(-1)!);
  return {
    parts,
    names,
    own,
    table: (writer: Writer) => writer.name(...parts),
    id: (writer: Writer) => writer.name(parts.at(-1)!, "id"),
    column: (writer: Writer, field: string) => writer.name(parts.at(-1)!, names[field]!),
  };
}

/** MySQL and MariaDB may return text as bytes. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}
