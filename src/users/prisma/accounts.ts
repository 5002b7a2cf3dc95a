import { UsageError } from "../../check-options.js";
import { dialectOf, prisma, type PrismaClient } from "../../connections/prisma.js";
import type { SqlConnection, StateValue, UserId } from "../../ports.js";
import { ownName } from "../../sql/names.js";
import { withRetries } from "../../sql/retry.js";
import type { Finding, Users } from "../../types.js";
import { assertSalted } from "../shared/options.js";
import { createWriter } from "../sql/statements.js";
import { explained } from "./errors.js";
import type { Model, PrismaDelegate } from "./model.js";

/** Describes a model with accounts. Fields have their names of the schema. */
export interface UsersModel<U> {
  readonly made: string;
  readonly model: Model;
  readonly id: string;
  readonly identifiers: readonly string[];
  readonly passwordHash: string;
  readonly address: string;
  readonly state: readonly string[];
  readonly locale: string | undefined;
  readonly touch: readonly (readonly [field: string, value: () => unknown])[];
  readonly sessions: SessionsModel | Exclude<Users<U>["revokeSessions"], undefined>;
  readonly hashPassword: NonNullable<Users<U>["hashPassword"]>;
  readonly eligible: ((user: U) => boolean) | undefined;
  readonly normalize: Users<U>["normalize"];
}

interface SessionsModel {
  readonly model: Model;
  readonly userId: string;
}

/** The client, or the handle of one of its transactions. */
type Handle = Readonly<Record<string, PrismaDelegate>>;

export function usersOfModel<U extends object>(
  client: PrismaClient & Handle,
  described: UsersModel<U>,
): Users<U> {
  const { made, model, id, identifiers, passwordHash, address, state, locale, sessions } = described;
  const bound = [passwordHash, address, ...state];
  const omit = shown(client, model.key, [id, ...identifiers, ...bound, ...(locale ? [locale] : [])]);
  const sql = sqlOf(client, model, id);

  /** Runs a query on a model. An error about a missing table or column is reported with its fix. */
  async function run<T>(
    work: (delegate: PrismaDelegate) => PromiseLike<T>,
    handle?: unknown,
    of = model,
  ): Promise<T> {
    try {
      return await work(((handle as Handle | undefined) ?? client)[of.key]!);
    } catch (error) {
      throw explained(error, { made, model: of, sessions: of !== model });
    }
  }

  const hasId = (wanted: unknown) => {
    // Prisma ignores a condition that's `undefined`, which would match every account.
    if (wanted !== undefined && wanted !== null) return { [id]: model.idIn(id, wanted) };
    throw new UsageError(
      `${made}: the account that was passed has no ${id}. Pass one that the client returned.`,
    );
  };
  const find = (wanted: unknown, handle?: unknown) =>
    run<U | null>((users) => users.findFirst({ where: hasId(wanted), ...omit }), handle);
  const idOf = (user: U) => valueOf(user, id) as UserId;

  async function findByIdentifier(typed: string): Promise<U[]> {
    const ids = await idsNamed(typed);
    const where = ids
      ? { [id]: { in: ids.map((one) => model.idIn(id, one)) } }
      : { OR: identifiers.map((field) => ({ [field]: named(typed, sql?.connection.dialect) })) };
    return run((users) => users.findMany({ where, ...omit }));
  }

  /**
   * SQLite compares case-sensitively, and Prisma has no query that changes that. On PostgreSQL, Prisma's comparison without
   * case, `ilike`, can't use an index. Undefined: Prisma's own query does.
   */
  async function idsNamed(typed: string): Promise<unknown[] | undefined> {
    if (!sql || sql.connection.dialect === "mysql") return undefined;
    const ids = sql.idsNamed(identifiers, typed);
    // SQL may not find the table where Prisma does: `check` tells.
    return sql.connection.dialect === "postgres" ? ids.catch(() => undefined) : ids;
  }

  async function stateOf(user: U, transaction?: unknown): Promise<StateValue[]> {
    // The application's own object may have been selected without some of the fields.
    const whole = bound.every((field) => field in user) ? user : await find(idOf(user), transaction);
    if (!whole)
      throw new UsageError(`${made}: the database has no account with the id of the one that was passed.`);
    return bound.map((field) => stateValue(valueOf(whole, field), field));
  }

  function stateValue(value: unknown, field: string): StateValue {
    if (typeof value !== "object" || value === null) return value as StateValue;
    if (value instanceof Date || value instanceof Uint8Array) return value;
    if (Object.prototype.toString.call(value) === "[object Decimal]") return String(value);
    throw new UsageError(
      `${made}'s state is ${JSON.stringify(field)}, which is a list or JSON. Leave it out: tokens can be bound to text, numbers, booleans, dates, and bytes.`,
    );
  }

  async function setPassword(user: U, hash: string, expected: readonly StateValue[], handle?: unknown) {
    const touched = described.touch.map(([field, value]) => [field, value()] as const);
    const { count } = await run<{ count: number }>(
      (users) =>
        users.updateMany({
          where: {
            ...hasId(idOf(user)),
            AND: bound.map((field, index) => ({ [field]: still(expected[index] ?? null) })),
          },
          data: { ...Object.fromEntries(touched), [passwordHash]: hash },
        }),
      handle,
    );
    return count === 1;
  }

  async function endSessions(user: U, { model: of, userId }: SessionsModel, handle?: unknown): Promise<void> {
    const [owner] = Object.values(hasId(idOf(user)));
    await run((all) => all.deleteMany({ where: { [userId]: owner } }), handle, of);
  }

  /** Without the engine's transaction, uses one of its own, so that no session outlives the old password. */
  async function setAlone(user: U, hash: string, expected: readonly StateValue[]): Promise<boolean> {
    if (!isModel(sessions)) return setPassword(user, hash, expected);
    return client.$transaction(async (handle) => {
      const isSet = await setPassword(user, hash, expected, handle);
      if (isSet) await endSessions(user, sessions, handle);
      return isSet;
    });
  }

  const { hashPassword, eligible, normalize } = described;
  return {
    findByIdentifier,
    findById: (wanted) => find(wanted),
    stateOf: (user, { transaction }) => stateOf(user, transaction),
    hashPassword,
    async setPassword(user, hash, { expected, transaction }) {
      assertSalted(hash, expected[0], made);
      if (transaction !== undefined) return setPassword(user, hash, expected, transaction);
      return withRetries(() => setAlone(user, hash, expected));
    },
    revokeSessions: isModel(sessions)
      ? (user, { transaction }) => endSessions(user, sessions, transaction)
      : sessions,
    idOf,
    identifierOf: (user) =>
      identifiers
        .map((field) => valueOf(user, field))
        .filter((one) => one !== null)
        .map(String),
    addressOf: (user) => valueOf(user, address) as string,
    // An account without an email address gets no email.
    mayReset: (user) => typeof valueOf(user, address) === "string" && (eligible ? eligible(user) : true),
    ...(locale && { localeOf: (user: U) => (valueOf(user, locale) as string | null) ?? undefined }),
    ...(normalize && { normalize }),
    ...(sql && {
      async lock(wanted: unknown, { transaction }: { readonly transaction: unknown }) {
        await sql.lock(model.idIn(id, wanted), transaction);
        return find(wanted, transaction);
      },
    }),
    async check() {
      const needed = [id, ...identifiers, ...bound, ...(locale ? [locale] : [])];
      const selected = (fields: readonly string[]) =>
        Object.fromEntries(fields.map((field) => [field, true]));
      await run((users) => users.findFirst({ select: selected(needed) }));
      if (isModel(sessions)) {
        const { model: of, userId } = sessions;
        await run((all) => all.findFirst({ select: selected([userId]) }), undefined, of);
      }
      return sql?.check(made, identifiers);
    },
  };
}

/** SQL for what Prisma can't query: locking a row, and case-insensitive comparison that an index serves. */
function sqlOf(client: PrismaClient, { table, columnOf }: Model, id: string) {
  if (!dialectOf(client) || !table) return undefined;
  const connection: SqlConnection = prisma(client);
  const own = ownName(table);
  const select = (where: (writer: ReturnType<typeof createWriter>) => string, handle?: unknown) => {
    const writer = createWriter(connection.dialect);
    const column = writer.name(own, columnOf(id));
    const text = `select ${column} as id from ${writer.name(...table)} where ${where(writer)}`;
    return connection.query({ text, rows: true }, writer.values, handle);
  };
  return {
    connection,
    async idsNamed(fields: readonly string[], typed: string): Promise<unknown[]> {
      const { rows } = await select((writer) =>
        fields.map((field) => writer.isNamed(writer.name(own, columnOf(field)), typed)).join(" or "),
      );
      return rows.map((row) => row.id);
    },
    lock: (wanted: unknown, transaction: unknown) =>
      select(
        (writer) => `${writer.name(own, columnOf(id))} = ${writer.value(wanted as never)}${writer.forUpdate}`,
        transaction,
      ),
    async check(made: string, identifiers: readonly string[]): Promise<readonly Finding[]> {
      await select(() => "1 = 0").catch((cause: unknown) => {
        throw new UsageError(
          `${made} can't lock a row, because SQL doesn't find the table ${JSON.stringify(table.join("."))}. Set its schema in the model's @@schema or in the adapter's option schema, or turn the lock off: { ...${made}(…), lock: undefined }.`,
          { cause },
        );
      });
      const { findingsOf } = await import("../sql/identifier-index.js");
      const option = `${made}'s identifier`;
      return findingsOf(connection, {
        table,
        identifiers: identifiers.map((field) => ({ option, name: columnOf(field) })),
      });
    },
  };
}

/** Compares without case. Prisma uses PostgreSQL's `ilike`, whose wildcards are escaped. MySQL's columns have collations. */
function named(typed: string, dialect: string | undefined): unknown {
  if (dialect !== "postgres") return { in: [typed, typed.toLowerCase()] };
  return { equals: typed.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" };
}

/** Matches the millisecond, since a `Date` has no microseconds and the column may have them. */
function still(value: StateValue): unknown {
  return value instanceof Date ? { gte: value, lt: new Date(value.getTime() + 1) } : { equals: value };
}

/** Selects needed fields that the client omits globally. */
function shown(client: object, key: string, fields: readonly string[]): object {
  const { _globalOmit: omitted } = client as {
    readonly _globalOmit?: Record<string, Record<string, boolean>>;
  };
  const hidden = fields.filter((field) => omitted?.[key]?.[field]);
  return hidden.length > 0 ? { omit: Object.fromEntries(hidden.map((field) => [field, false])) } : {};
}

function valueOf(user: object, field: string): unknown {
  return (user as Readonly<Record<string, unknown>>)[field] ?? null;
}

function isModel(sessions: unknown): sessions is SessionsModel {
  return typeof sessions === "object" && sessions !== null;
}
