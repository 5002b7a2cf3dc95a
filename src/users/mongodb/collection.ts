/**
 * Collections of the MongoDB driver, described by the methods that are called on them, and their types.
 *
 * @module
 */
import { UsageError } from "../../check-options.js";
import type { UserId } from "../../types.js";

/** A collection: `client.db("app").collection("users")`, or `Model.collection` of Mongoose. */
export interface MongodbCollection {
  find(filter: unknown, options?: unknown): { toArray(): Promise<any[]> };
  findOne(filter: unknown, options?: unknown): Promise<any>;
  findOneAndUpdate(filter: unknown, update: unknown, options: unknown): Promise<any>;
  deleteMany(filter: unknown, options?: unknown): Promise<unknown>;
  indexes?(): Promise<any[]>;
}

/** A `MongoClient`, for transactions. */
export interface MongodbClient {
  startSession(): any;
}

type Inserted<C> = C extends { insertOne(document: infer D, ...rest: unknown[]): unknown }
  ? D
  : Record<string, any>;

/** A document of a collection, as its queries return it. */
export type MongodbUser<C> =
  Inserted<C> extends { _id?: infer Id }
    ? Omit<Inserted<C>, "_id"> & { _id: NonNullable<Id> & UserId }
    : Inserted<C> & { _id: any };

/** A field, or a path such as `"profile.email"`. */
export type FieldPath<C> = (keyof MongodbUser<C> & string) | `${string}.${string}`;

/** The values at a path. If the path leads through an array of documents, the values of all of them. */
export function valuesAt(document: unknown, path: string): unknown[] {
  let values = [document];
  for (const key of path.split(".")) {
    values = values.flat().map((one) => (one as Readonly<Record<string, unknown>> | null | undefined)?.[key]);
  }
  return values.flat();
}

/** The value at a path, or `null`. If the path leads into an array, the array itself. */
export function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const key of path.split(".")) {
    if (Array.isArray(value) && !/^\d+$/.test(key)) return value;
    value = (value as Readonly<Record<string, unknown>> | null)?.[key] ?? null;
  }
  return value;
}

export function checkedPath(path: unknown, option: string): string {
  if (typeof path === "string" && /^[^.$\0][^.\0]*(\.[^.$\0][^.\0]*)*$/.test(path)) return path;
  throw new UsageError(
    `${option} is ${JSON.stringify(path)}. Pass the name of a field, such as "email", or a path, such as "profile.email".`,
  );
}

export function checkedCollection(collection: unknown, option: string): MongodbCollection {
  const { findOneAndUpdate, deleteMany } = (collection ?? {}) as Partial<MongodbCollection>;
  if (typeof findOneAndUpdate === "function" && typeof deleteMany === "function") {
    return collection as MongodbCollection;
  }
  throw new UsageError(
    `${option} must be a collection. Pass client.db("app").collection("users") of the mongodb driver, or Model.collection of Mongoose.`,
  );
}
