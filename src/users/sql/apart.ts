import { UsageError } from "../../check-options.js";
import type { SqlConnection } from "../../ports.js";
import { ownName, type TablePath } from "../../sql/names.js";
import type { Awaitable, Finding, Users } from "../../types.js";
import type { Needed } from "./check.js";
import { passwordChange, type State } from "./password.js";
import { runnerOn, textOf } from "./run.js";
import type { SessionsTable } from "./sessions.js";
import { createWriter, type Given, type Writer } from "./statements.js";

export type Named = readonly [column: string, value: Given];

/** Accounts whose hash isn't in the users table but in a row of another table, which may be missing. */
export interface UsersApart<U> {
  /** The function that the application called, for messages. */
  readonly made: string;
  readonly user: { readonly table: TablePath; readonly email: string };
  readonly hash: {
    readonly table: TablePath;
    readonly userId: string;
    readonly column: string;
    /** Selects the row with the hash, if a user can have several rows. */
    readonly only?: readonly [column: string, value: string];
    /** Further columns to set with the hash. */
    set(): readonly Named[];
    /** Further columns of a new row. */
    add(id: unknown): Awaitable<readonly Named[]>;
  };
  readonly sessions: SessionsTable | Exclude<Users<U>["revokeSessions"], undefined>;
  readonly needed: readonly Needed[];
  readonly hashPassword: NonNullable<Users<U>["hashPassword"]>;
  readonly eligible: ((user: U) => boolean) | undefined;
  readonly normalize?: Users<U>["normalize"];
}

/** `users` over two tables. A user's ID is in the column `id`. */
export function usersApart<U extends { readonly id: unknown }>(
  connection: SqlConnection,
  described: UsersApart<U>,
): Users<U> {
  const { made, user, hash } = described;
  /** The state is read with the account but kept apart, since the hash isn't in the users table. */
  const states = new WeakMap<object, State>();

  const run = runnerOn(connection, checkNames);
  const ofUser = (writer: Writer, name: string) => writer.name(ownName(user.table), name);
  const ofHash = (writer: Writer, name: string) => writer.name(ownName(hash.table), name);
  const isOnly = (writer: Writer) =>
    hash.only ? ` and ${ofHash(writer, hash.only[0])} = ${writer.value(hash.only[1])}` : "";
  const hasId = (id: unknown) => (writer: Writer) => `${ofUser(writer, "id")} = ${writer.value(id as Given)}`;

  async function select(
    where: (writer: Writer) => string,
    { transaction, lock = false }: { readonly transaction?: unknown; readonly lock?: boolean } = {},
  ): Promise<U[]> {
    const writer = createWriter(connection.dialect);
    const isOwn = `${ofHash(writer, hash.userId)} = ${ofUser(writer, "id")}${isOnly(writer)}`;
    // A subquery, since a join would return a user who has two such rows twice.
    const text = writer.asText(ofHash(writer, hash.column));
    const stored = `(select max(${text}) from ${writer.name(...hash.table)} where ${isOwn})`;
    const email = writer.asText(ofUser(writer, user.email));
    const columns = `${writer.name(ownName(user.table))}.*, ${stored} as resetkit_hash, ${email} as resetkit_email`;
    const from = `${writer.name(...user.table)} where ${where(writer)}${lock ? writer.forUpdate : ""}`;
    const { rows } = await run(writer, `select ${columns} from ${from}`, true, transaction);
    return rows.map(({ resetkit_hash: stored, resetkit_email: address, ...row }) => {
      const found = { ...row, id: row["id"], email: textOf(row[user.email]) } as unknown as U;
      states.set(found, [textOf(stored), textOf(address)]);
      return found;
    });
  }

  const lock = async (id: unknown, { transaction }: { readonly transaction: unknown }) =>
    (await select(hasId(id), { transaction, lock: true }))[0];

  async function stateOf(given: U, transaction?: unknown): Promise<State> {
    const known = states.get(given);
    if (known) return known;
    const [found] = await select(hasId(given.id), { transaction });
    const read = found && states.get(found);
    if (read) return read;
    throw new UsageError(`${made}: there's no user with the id of the one that was passed.`);
  }

  /** Updates the row with the hash, or inserts it if the user doesn't have one. */
  async function setPassword(
    { id }: U,
    value: string,
    [oldHash = null, email = null]: State,
    handle?: unknown,
  ) {
    const isSame = (writer: Writer) =>
      `${hasId(id)(writer)} and ${writer.isStill(writer.asText(ofUser(writer, user.email)), email)}`;
    const isOwn = (writer: Writer) =>
      `${ofHash(writer, hash.userId)} = ${writer.value(id as Given)}${isOnly(writer)}`;
    const values = [[hash.column, value] as const, ...hash.set()];

    const change = createWriter(connection.dialect);
    const set = values.map(([name, given]) => `${change.name(name)} = ${change.value(given)}`).join(", ");
    const updated = await run(
      change,
      [
        `update ${change.name(...hash.table)} set ${set} where ${isOwn(change)}`,
        `and ${change.isStill(change.asText(ofHash(change, hash.column)), oldHash)}`,
        `and exists (select 1 from ${change.name(...user.table)} where ${isSame(change)})`,
      ].join(" "),
      false,
      handle,
    );
    if (updated.changes > 0 || oldHash !== null) return updated.changes > 0;

    // Without the lock, two concurrent first passwords could insert two rows, unless a constraint prevents it.
    if (handle !== undefined) await lock(id, { transaction: handle });
    const add = createWriter(connection.dialect);
    const row: readonly Named[] = [
      [hash.userId, id as Given],
      ...(hash.only ? [hash.only] : []),
      ...(await hash.add(id)),
      ...values,
    ];
    const columns = row.map(([name]) => add.name(name)).join(", ");
    const given = row.map(([, one]) => add.value(one)).join(", ");
    const from = `${add.name(...user.table)} where ${isSame(add)}`;
    const isNone = `not exists (select 1 from ${add.name(...hash.table)} where ${isOwn(add)})`;
    const text = `insert into ${add.name(...hash.table)} (${columns}) select ${given} from ${from} and ${isNone}`;
    return (await run(add, text, false, handle)).changes === 1;
  }

  async function checkNames(): Promise<void> {
    const { checkTables } = await import("./check.js");
    await checkTables(connection, described.needed);
  }

  async function check(): Promise<readonly Finding[]> {
    await checkNames();
    const { findingsOf } = await import("./identifier-index.js");
    const identifiers = [{ option: `${made}'s email`, name: user.email }];
    return findingsOf(connection, { table: user.table, identifiers });
  }

  const { hashPassword, eligible, normalize } = described;
  return {
    findByIdentifier: (typed) => select((writer) => writer.isNamed(ofUser(writer, user.email), typed)),
    findById: async (id) => (await select(hasId(id)))[0],
    stateOf: (given, { transaction }) => stateOf(given, transaction),
    hashPassword,
    ...passwordChange({
      ...{ connection, run, described, set: setPassword, isInSteps: true },
      idOf: (given: U) => given.id as Given,
    }),
    ...(eligible && { mayReset: (given: U) => eligible(given) }),
    ...(normalize && { normalize }),
    ...(connection.transaction && { lock }),
    check,
  };
}
