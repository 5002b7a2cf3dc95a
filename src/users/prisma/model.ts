/**
 * Models of a Prisma client, and their types. They're read from the client itself, without Prisma's packages.
 *
 * @module
 */
import { UsageError } from "../../check-options.js";
import type { TablePath } from "../../sql/names.js";

/** The client's property for a model, such as `client.user`. */
export interface PrismaDelegate {
  findMany(input: unknown): PromiseLike<any>;
  findFirst(input: unknown): PromiseLike<any>;
  updateMany(input: unknown): PromiseLike<any>;
  deleteMany(input: unknown): PromiseLike<any>;
}

/** The models of a client, as it spells them: `"user"`. */
export type ModelName<C> = {
  [K in keyof C]: C[K] extends { findMany: unknown; updateMany: unknown } ? K : never;
}[keyof C] &
  string;

/** An account, as the client's queries return it without `select` and `include`. */
export type PrismaUser<C, M extends keyof C> = C[M] extends {
  [key: symbol]: { types: { payload: { scalars: infer Row extends object } } };
}
  ? Row
  : Record<string, any>;

/** The fields of a model that hold values. */
export type FieldName<C, M extends keyof C> = keyof PrismaUser<C, M> & string;

/** What a generated client knows about a field. */
interface Field {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly dbName?: string | null;
}

interface KnownModel {
  readonly fields: readonly Field[];
  readonly dbName?: string | null;
  readonly schema?: string | null;
}

interface DataModel {
  readonly models?: Readonly<Record<string, KnownModel>>;
}

export interface Model {
  readonly key: string;
  /** Throws if the model has no such field. */
  checkField(name: unknown, option: string): string;
  /** A field's name in the database. */
  columnOf(field: string): string;
  /** The table with its schema, or `undefined` if the client doesn't know it. */
  readonly table: TablePath | undefined;
  /** Converts an ID to the type of its field, since a token may contain it as text. */
  idIn(field: string, value: unknown): unknown;
}

export function modelOf(client: object, key: unknown, option: string): Model {
  const delegates = client as Readonly<Record<string, Partial<PrismaDelegate> | undefined>>;
  const models = (client as { readonly _runtimeDataModel?: DataModel })._runtimeDataModel?.models ?? {};
  const keyOf = (name: string) => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  if (typeof key !== "string" || typeof delegates[key]?.updateMany !== "function") {
    const known = Object.keys(models).map(keyOf);
    throw new UsageError(
      `${option} is ${JSON.stringify(key)}, but the client has no such model. Pass ${known.length > 0 ? `one of ${known.join(", ")}` : 'its name as the client spells it, such as "user"'}.`,
    );
  }
  const found = Object.entries(models).find(([one]) => keyOf(one) === key);
  const fields = found?.[1].fields.filter(({ kind }) => kind === "scalar" || kind === "enum");
  const fieldOf = (field: string) => fields?.find((one) => one.name === field);
  return {
    key,
    checkField(field, of) {
      if (typeof field === "string" && (!fields || fieldOf(field))) return field;
      const known = fields?.map((one) => one.name).join(", ") ?? "its fields";
      throw new UsageError(
        `${of} is ${JSON.stringify(field)}, but the model ${JSON.stringify(key)} has no such field. Pass one of ${known}.`,
      );
    },
    columnOf: (field) => fieldOf(field)?.dbName ?? field,
    table: found && tableOf(client, found),
    idIn(field, value) {
      const type = fieldOf(field)?.type ?? "";
      const convert = Object.hasOwn(conversions, type) ? conversions[type] : undefined;
      return convert ? convert(value as string) : value;
    },
  };
}

const conversions: Readonly<Record<string, (value: string) => unknown>> = {
  Int: Number,
  BigInt,
  String,
};

/** Prisma qualifies each table with a schema: the model's, otherwise the driver adapter's. */
function tableOf(client: object, [name, { dbName, schema }]: [string, KnownModel]): TablePath {
  const { _engineConfig: config } = client as {
    readonly _engineConfig?: { adapter?: { options?: { schema?: unknown } } };
  };
  const given = schema ?? config?.adapter?.options?.schema;
  const own = dbName ?? name;
  return typeof given === "string" ? [given, own] : [own];
}
