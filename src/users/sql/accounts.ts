import { UsageError } from "../../check-options.js";
import type { SqlConnection, UserId } from "../../ports.js";
import { checkedName, ownName, type TablePath } from "../../sql/names.js";
import type { Finding, Users } from "../../types.js";
import type { Needed } from "./check.js";
import { passwordChange, type State } from "./password.js";
import { runnerOn, textOf } from "./run.js";
import { isTable, neededOf, type SessionsTable } from "./sessions.js";
import { createWriter, type Given, type Writer } from "./statements.js";

/** A column by its name in the database, and the property of the account that holds its value. */
export interface Column {
  readonly option: string;
  readonly name: string;
  readonly property: string;
  /** Converts an account's value for the database. Default: the value itself. */
  send?(value: unknown): Given;
  /** Whether the column contains bytes that aren't text. */
  readonly isBinary?: boolean;
}

/** A column that has the same name in rows and in accounts. `option` names it in errors. */
export function columnOf(given: unknown, option: string): Column {
  const name = checkedName(given, option);
  return { option, name, property: name };
}

/** Describes a users table. `sqlUsers`, `drizzleUsers`, and the like make it from their options. */
export interface UsersTable<U> {
  /** The function that the application called, for messages. */
  readonly made: string;
  readonly table: TablePath;
  readonly id: Column;
  readonly identifiers: readonly Column[];
  readonly passwordHash: Column;
  readonly address: Column;
  /** Further columns that tokens are bound to. */
  readonly state: readonly Column[];
  readonly locale: Column | undefined;
  readonly touch: readonly (readonly [column: Column, value: () => Given])[];
  /** The columns to store a hash in, with their values. Default: the hash in its column. */
  stored?(hash: string): readonly (readonly [column: Column, value: Given])[];
  readonly sessions: SessionsTable | Exclude<Users<U>["revokeSessions"], undefined>;
  readonly hashPassword: NonNullable<Users<U>["hashPassword"]>;
  readonly eligible: ((user: U) => boolean) | undefined;
  readonly normalize: Users<U>["normalize"];
  /** The columns that `read` needs, or every column of the table. */
  readonly selected: readonly Column[] | "all";
  /** Converts a row, whose properties have the columns' names, to the application's account. */
  read(row: Readonly<Record<string, unknown>>): U;
}

/** The name that a column of the state has in a row, as text. */
const alias = (index: number) => `resetkit_${index}`;

export function usersOn<U extends object>(connection: SqlConnection, described: UsersTable<U>): Users<U> {
  const { made, table, id, identifiers, passwordHash, address, state, locale, touch, sessions, selected } =
    described;
  const bound = [passwordHash, address, ...state];
  const own = ownName(table);
  /** The state is read with the account but kept apart, so that accounts look as the application's own queries return them. */
  const states = new WeakMap<object, State>();

  const column = (writer: Writer, { name }: Pick<Column, "name">) => writer.name(own, name);

  const run = runnerOn(connection, checkNames);
  const asText = (writer: Writer, one: Column) =>
    one.isBinary ? writer.asHex(column(writer, one)) : writer.asText(column(writer, one));

  async function select(
    where: (writer: Writer) => string,
    { transaction, lock = false }: { readonly transaction?: unknown; readonly lock?: boolean } = {},
  ): Promise<U[]> {
    const writer = createWriter(connection.dialect);
    const texts = bound.map((one, index) => `${asText(writer, one)} as ${alias(index)}`);
    const from = `${writer.name(...table)} where ${where(writer)}${lock ? writer.forUpdate : ""}`;
    // Alias each column as it was requested: SQLite names results by the table's spelling, which may differ in case.
    const columns =
      selected === "all"
        ? [`${writer.name(own)}.*`]
        : selected.map((one) => `${column(writer, one)} as ${writer.name(one.name)}`);
    const all = `select ${[...columns, ...texts].join(", ")} from ${from}`;
    const { rows } = await run(writer, all, true, transaction);
    return rows.map(toUser);
  }

  function toUser(row: Readonly<Record<string, unknown>>): U {
    const rest = { ...row };
    const texts = bound.map((_, index) => textOf(rest[alias(index)]));
    for (const index of bound.keys()) delete rest[alias(index)];
    if (selected === "all") checkSpelling(rest);
    const user = described.read(rest);
    states.set(user, texts);
    return user;
  }

  /** SQLite and MySQL match column names without case, but a row's property has exactly one spelling. */
  function checkSpelling(row: Readonly<Record<string, unknown>>): void {
    for (const { option, name } of [id, ...identifiers, address, ...(locale ? [locale] : [])]) {
      if (name in row) continue;
      throw new UsageError(
        `${option} is ${JSON.stringify(name)}, but the rows have ${Object.keys(row).join(", ")}. Spell it as the database does.`,
      );
    }
  }

  const hasId = (wanted: unknown) => (writer: Writer) =>
    `${column(writer, id)} = ${writer.value(sentId(wanted))}`;
  const sentId = (value: unknown) => (id.send ? id.send(value) : (value as Given));
  const idOf = (user: U) => valueOf(user, id) as UserId;

  async function stateOf(user: U, transaction?: unknown): Promise<State> {
    const known = states.get(user);
    if (known) return known;
    // An object of the application's own, such as one that was passed to `issueFor`.
    const [found] = await select(hasId(idOf(user)), { transaction });
    const read = found && states.get(found);
    if (read) return read;
    throw new UsageError(`${made}: the table has no account with the id of the one that was passed.`);
  }

  function update(user: U, hash: string, expected: State): { writer: Writer; text: string } {
    const writer = createWriter(connection.dialect);
    const values = described.stored?.(hash) ?? [[passwordHash, hash] as const];
    const touched = touch.map(([one, value]) => [one, value()] as const);
    const set = [...values, ...touched].map(
      ([{ name }, value]) => `${writer.name(name)} = ${writer.value(value)}`,
    );
    // In the order of the SQL text, because placeholders are numbered as they're written.
    const isIt = hasId(idOf(user))(writer);
    const isSame = bound.map((one, index) => writer.isStill(asText(writer, one), expected[index] ?? null));
    const where = [isIt, ...isSame].join(" and ");
    return { writer, text: `update ${writer.name(...table)} set ${set.join(", ")} where ${where}` };
  }

  async function setPassword(user: U, hash: string, expected: State, handle?: unknown): Promise<boolean> {
    const { writer, text } = update(user, hash, expected);
    return (await run(writer, text, false, handle)).changes === 1;
  }

  async function checkNames(): Promise<void> {
    const option = `${made}'s`;
    const read = [...(locale ? [locale] : []), ...(selected === "all" ? [] : selected)];
    const columns = [id, ...identifiers, ...bound, ...touch.map(([one]) => one), ...read];
    const needed: Needed[] = [{ option: `${option} table`, table, columns: unique(columns) }];
    if (isTable(sessions)) needed.push(neededOf(made, sessions));
    // Loaded when it's needed, to keep what every application loads small.
    const { checkTables } = await import("./check.js");
    await checkTables(connection, needed);
  }

  async function check(): Promise<readonly Finding[]> {
    await checkNames();
    const { findingsOf } = await import("./identifier-index.js");
    return findingsOf(connection, { table, identifiers });
  }

  const { hashPassword, eligible, normalize } = described;
  return {
    findByIdentifier: (typed) =>
      select((writer) => identifiers.map((one) => writer.isNamed(column(writer, one), typed)).join(" or ")),
    findById: async (wanted) => (await select(hasId(wanted)))[0],
    stateOf: (user, { transaction }) => stateOf(user, transaction),
    hashPassword,
    ...passwordChange({
      connection,
      run,
      described,
      idOf: (user: U) => sentId(idOf(user)),
      set: setPassword,
    }),
    idOf,
    identifierOf: (user) =>
      identifiers
        .map((one) => valueOf(user, one))
        .filter((one) => one !== null)
        .map(String),
    addressOf: (user) => valueOf(user, address) as string,
    // An account without an email address gets no email.
    mayReset: (user) => typeof valueOf(user, address) === "string" && (eligible ? eligible(user) : true),
    ...(locale && { localeOf: (user: U) => (valueOf(user, locale) as string | null) ?? undefined }),
    ...(normalize && { normalize }),
    ...(connection.transaction && {
      lock: async (wanted: unknown, { transaction }: { readonly transaction: unknown }) =>
        (await select(hasId(wanted), { transaction, lock: true }))[0],
    }),
    check,
  };
}

function valueOf(user: object, { property }: Column): unknown {
  return (user as Readonly<Record<string, unknown>>)[property] ?? null;
}

/** Each column once. The first mention wins, since it names the option in errors. */
function unique(columns: readonly Column[]): Column[] {
  return columns.filter((one, index) => columns.findIndex(({ name }) => name === one.name) === index);
}
