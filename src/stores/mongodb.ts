import { assertKnownKeys, UsageError } from "../check-options.js";
import type { Store } from "../ports.js";
import type { Collections, MongoDatabase } from "./mongodb/collections.js";
import { collectionsOf } from "./mongodb/collections.js";
import { mongodbCounters } from "./mongodb/counters.js";
import { mongodbQueue } from "./mongodb/queue.js";
import { mongodbTokens } from "./mongodb/tokens.js";

export type { MongoCollection, MongoDatabase } from "./mongodb/collections.js";

export interface MongodbStoreOptions {
  /** Prefix of the three collections' names. Default: `"resetkit_"`. */
  readonly prefix?: string;
}

/**
 * Tokens, counters, and queue in MongoDB 4.2 or newer, with the official driver. Every method is one update of one
 * document, or several that can each be lost without harm. No replica set is needed, and no transactions are used, so
 * `users.lock` can't be used with it. Ids come back unchanged, an ObjectId as an ObjectId.
 *
 * Create the indexes first: `await migrate(db)`, or `npx resetkit migrate`. The collections must not be sharded, since
 * no unique index holds across shards.
 *
 * Throws a `TypeError` for an object that isn't a database, and for unknown options.
 *
 * @example
 * const store = mongodbStore(client.db("app"));
 */
export function mongodbStore(db: MongoDatabase, options: MongodbStoreOptions = {}): Store {
  const collections = collectionsOf(db, prefixOf(options, "mongodbStore"));
  return {
    tokens: mongodbTokens(collections.tokens),
    counters: mongodbCounters(collections.counters),
    queue: mongodbQueue(collections.queue),
    async check() {
      await checkVersion(db);
      await checkIndexes(collections);
    },
    time: async () => Number((await db.command({ hello: 1 })).localTime),
  };
}

/** Creates the indexes that are missing. Changes nothing if none of them is. */
export async function migrate(db: MongoDatabase, options: MongodbStoreOptions = {}): Promise<void> {
  const collections = collectionsOf(db, prefixOf(options, "migrate"));
  for (const { of, keys, ...rest } of indexes) await collections[of].createIndex(keys, rest);
}

interface Index {
  readonly of: keyof Collections;
  readonly keys: Readonly<Record<string, 1>>;
  readonly unique?: true;
  readonly sparse?: true;
  readonly expireAfterSeconds?: 0;
}

const indexes: readonly Index[] = [
  { of: "tokens", keys: { lookup: 1 }, unique: true },
  { of: "tokens", keys: { "code.lookup": 1 }, unique: true, sparse: true },
  { of: "tokens", keys: { user: 1, scope: 1 } },
  { of: "tokens", keys: { expiresAt: 1 } },
  { of: "tokens", keys: { dropAt: 1 }, expireAfterSeconds: 0 },
  { of: "counters", keys: { resetAt: 1 } },
  { of: "counters", keys: { dropAt: 1 }, expireAfterSeconds: 0 },
  { of: "queue", keys: { dueAt: 1, _id: 1 } },
  { of: "queue", keys: { keyId: 1, dueAt: 1, _id: 1 } },
  { of: "queue", keys: { addedAt: 1 } },
  { of: "queue", keys: { kind: 1, addedAt: 1 } },
];

function prefixOf(options: MongodbStoreOptions, where: string): string {
  assertKnownKeys(options, ["prefix"], where);
  const { prefix = "resetkit_" } = options;
  if (/^[A-Za-z_][\w.-]{0,63}$/.test(prefix)) return prefix;
  throw new UsageError(
    `${where} has the prefix ${JSON.stringify(prefix)}. Use at most 64 letters, digits, and any of "_.-", beginning with a letter.`,
  );
}

async function checkVersion(db: MongoDatabase): Promise<void> {
  const { version } = await db.command({ buildInfo: 1 });
  const [major = 0, minor = 0] = String(version).split(".").map(Number);
  if (major > 4 || (major === 4 && minor >= 2)) return;
  throw new Error(`This is MongoDB ${version}, which is too old. Run MongoDB 4.2 or newer.`);
}

async function checkIndexes(collections: Collections): Promise<void> {
  for (const { of, keys, unique = false } of indexes) {
    const present = await collections[of].indexes().catch((error: { code?: unknown }) => {
      if (error.code === namespaceNotFound) return [];
      throw error;
    });
    const matches = present.some(
      (one) => JSON.stringify(one.key) === JSON.stringify(keys) && Boolean(one.unique) === unique,
    );
    if (matches) continue;
    throw new Error(
      `MongoDB has no ${unique ? "unique " : ""}index on ${Object.keys(keys).join(", ")} of resetkit's ${of}. Run "npx resetkit migrate", or await migrate(db) at start.`,
    );
  }
}

const namespaceNotFound = 26;
