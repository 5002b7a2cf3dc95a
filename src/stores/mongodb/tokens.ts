import { isObjectId, readUserId, writeUserId } from "../../identity/user-id.js";
import type { TokenRow, TokenStore, UserId } from "../../types.js";
import { rowsToEvict } from "../eviction.js";
import type { MongoCollection } from "./collections.js";
import { bytesOf, dropAfter, isDuplicate, removeBefore } from "./collections.js";

/** Each loss of a race is somebody else's success, and an account has few places: more than this is a fault. */
const maxTries = 50;

/**
 * Tokens in MongoDB, a document each.
 *
 * An account has the places 0 to `maxLive` - 1, and the id of a document names account and place. So no
 * number of simultaneous writers can make more documents than places, and a new token replaces an old one
 * in one step, without a transaction.
 */
export function mongodbTokens(tokens: MongoCollection): TokenStore {
  const found = async (filter: object, options?: object) =>
    (await tokens.find(filter, options).toArray()).map(readDocument);

  return {
    async put(row, rule) {
      const lookups = lookupsOf(row);
      const own = accountOf(row.userId, row.scope);
      const clash = { $or: [{ lookup: { $in: lookups } }, { "code.lookup": { $in: lookups } }] };
      for (let tries = 0; tries < maxTries; tries++) {
        const present = await tokens.find(own, { sort: { createdAt: 1, lookup: 1 } }).toArray();
        const gone = rowsToEvict(present, rule);
        if (gone === "over_cap") return "over_cap";
        if ((await tokens.find(clash, { limit: 1 }).toArray()).length > 0) return "taken";
        if (await settle(tokens, row, rule, present, gone)) return "stored";
      }
      throw new Error(
        `The place of a token was lost ${maxTries} times in a row: see that nothing but resetkit writes to its collections.`,
      );
    },

    async find(lookup) {
      const [row = null] = await found({ $or: [{ lookup }, { "code.lookup": lookup }] }, { limit: 1 });
      return row;
    },

    async delivered(lookup, accepted) {
      await tokens.updateOne({ lookup }, { $set: { delivery: accepted ? "accepted" : "failed" } });
    },

    liveOf: (userId, { scope, now }) =>
      found({ ...accountOf(userId, scope), expiresAt: { $gt: now } }, { sort: { createdAt: 1, lookup: 1 } }),

    async lease(lookup, until, now) {
      const unleased = { lookup, leasedUntil: { $lte: now } };
      return (await tokens.updateOne(unleased, { $set: { leasedUntil: until } })).matchedCount === 1;
    },

    async release(lookup, until) {
      await tokens.updateOne({ lookup, leasedUntil: until }, { $set: { leasedUntil: 0 } });
    },

    async finish(lookup, { leasedUntil } = {}) {
      const held = leasedUntil === undefined ? { lookup } : { lookup, leasedUntil };
      const gone = await tokens.findOneAndDelete(held, {
        projection: { _id: 1 },
        includeResultMetadata: false,
      });
      return gone !== null;
    },

    async removeByUser(userId, { scope }) {
      return (await tokens.deleteMany(accountOf(userId, scope))).deletedCount;
    },

    removeExpired: (now, limit) => removeBefore(tokens, "expiresAt", now, limit),

    list: ({ after, limit }) =>
      found(after ? { lookup: { $gt: after } } : {}, { sort: { lookup: 1 }, limit }),
  };
}

/** Writes the row to a place that nobody keeps; false where somebody else was faster. */
async function settle(
  tokens: MongoCollection,
  row: TokenRow,
  { now, maxLive }: { readonly now: number; readonly maxLive: number },
  present: readonly any[],
  gone: readonly any[],
): Promise<boolean> {
  const kept = new Set(present.filter((one) => !gone.includes(one)).map(({ place }) => place));
  const place = Array.from({ length: maxLive }, (_, i) => i).find((i) => !kept.has(i))!;
  const before = present.find((one) => one.place === place);

  // Several go at once only after maxLive was lowered.
  for (const one of gone) {
    if (one !== before && (await tokens.deleteOne(asJudged(one))).deletedCount === 0) return false;
  }
  const document = writeDocument(row, place);
  // Every document has a lookup, so without one to replace the filter finds none, and inserts or fails.
  const filter = before ? asJudged(before) : { _id: document._id, lookup: null };
  const dropAt = dropAfter(row.expiresAt - now);
  const update = [{ $replaceWith: { $mergeObjects: [{ $literal: document }, { dropAt }] } }];
  try {
    const { matchedCount, upsertedCount } = await tokens.updateOne(filter, update, { upsert: !before });
    return matchedCount + upsertedCount === 1;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Finds a document only while what made it replaceable still holds. */
function asJudged({ _id, lookup, delivery }: any) {
  return { _id, lookup, delivery };
}

/** By its text, so that 42, 42n and "42" are three accounts; MongoDB takes the first two for equal. */
function accountOf(userId: UserId, scope: string) {
  return { user: writeUserId(userId), scope };
}

function lookupsOf({ lookup, code }: TokenRow): Uint8Array[] {
  return code ? [lookup, code.lookup] : [lookup];
}

function writeDocument(row: TokenRow, place: number) {
  const { userId, scope } = row;
  const account = accountOf(userId, scope);
  // BSON's integers end at 64 bits, and would wrap around there; the text has them all.
  const native = typeof userId === "bigint" && BigInt.asIntN(64, userId) !== userId ? undefined : userId;
  const _id = JSON.stringify([scope, account.user, place]);
  const fields = Object.entries({ ...row, ...account, _id, place, userId: native });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function readDocument({ code, lookup, proof, user, userId, ...rest }: any): TokenRow {
  const { scope, createdAt, expiresAt, delivery, leasedUntil, ip, userAgent } = rest;
  return {
    lookup: bytesOf(lookup),
    proof: bytesOf(proof),
    ...(code && {
      code: { lookup: bytesOf(code.lookup), proof: bytesOf(code.proof), expiresAt: code.expiresAt },
    }),
    userId: isObjectId(userId) ? userId : readUserId(user),
    scope,
    createdAt,
    expiresAt,
    delivery,
    leasedUntil,
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
  };
}
