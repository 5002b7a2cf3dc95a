import { UsageError } from "../../check-options.js";

/** A database of the MongoDB driver (`client.db("app")`), reduced to the methods that are called. */
export interface MongoDatabase {
  collection(name: string, options?: object): MongoCollection;
  command(command: object): Promise<any>;
}

export interface MongoCollection {
  find(filter: object, options?: object): { toArray(): Promise<any[]> };
  findOneAndUpdate(filter: object, update: object | object[], options: object): Promise<any>;
  findOneAndDelete(filter: object, options: object): Promise<any>;
  updateOne(filter: object, update: object | object[], options?: object): Promise<UpdateCounts>;
  insertOne(document: object): Promise<unknown>;
  deleteOne(filter: object): Promise<{ deletedCount: number }>;
  deleteMany(filter: object): Promise<{ deletedCount: number }>;
  createIndex(keys: Readonly<Record<string, 1>>, options: object): Promise<unknown>;
  countDocuments(filter: object): Promise<number>;
  indexes(): Promise<any[]>;
}

interface UpdateCounts {
  matchedCount: number;
  upsertedCount: number;
}

/**
 * Set whatever the client's configuration is: a stale secondary would show tokens that are already used, a write that a
 * failover loses would let them be used twice, values must come back as plain ones, and an `undefined` in a filter must
 * never widen it to every document.
 */
const settings = {
  readPreference: "primary",
  writeConcern: { w: "majority" },
  ignoreUndefined: false,
  promoteValues: true,
  promoteLongs: true,
  promoteBuffers: false,
  useBigInt64: false,
  raw: false,
};

/** The collections, by the names that this store has for them. */
export type Collections = Readonly<Record<"tokens" | "counters" | "queue", MongoCollection>>;

export function collectionsOf(db: MongoDatabase, prefix: string): Collections {
  if (typeof (db as MongoDatabase | null)?.collection !== "function") {
    throw new UsageError(
      'mongodbStore needs a MongoDB database. Pass client.db("app") of the mongodb driver, or connection.db of Mongoose.',
    );
  }
  const named = (name: string) => db.collection(`${prefix}${name}`, settings);
  return { tokens: named("tokens"), counters: named("counters"), queue: named("queue") };
}

/** How long MongoDB keeps what has expired, in case a clock is set back. Milliseconds. */
const slack = 3_600_000;

/**
 * When MongoDB may drop a document by itself, for an update pipeline. It counts from the server's own time, since
 * that's what a TTL index uses.
 */
export function dropAfter(milliseconds: number): object {
  return { $add: ["$$NOW", Math.max(0, Math.ceil(milliseconds)) + slack] };
}

/** Removes at most `limit` documents of a kind whose `field` lies before a moment, the oldest first. */
export async function removeBefore(
  collection: MongoCollection,
  field: string,
  before: number,
  limit: number,
  kind: object = {},
): Promise<number> {
  const over = { ...kind, [field]: { $lt: before } };
  const found = await collection
    .find(over, { sort: { [field]: 1 }, limit, projection: { _id: 1 } })
    .toArray();
  if (found.length === 0) return 0;
  // Check the condition again: the document with an id may have been replaced since.
  const { deletedCount } = await collection.deleteMany({
    _id: { $in: found.map(({ _id }) => _id) },
    ...over,
  });
  return deletedCount;
}

/** The bytes of the driver's `Binary`. */
export function bytesOf(binary: { readonly buffer: Uint8Array; readonly position: number }): Uint8Array {
  return new Uint8Array(binary.buffer.subarray(0, binary.position));
}

/** Whether a unique index refused a write: another writer was faster. */
export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 11_000;
}
