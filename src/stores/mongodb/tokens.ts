import { isObjectId, readUserId, writeUserId } from "../../identity/user-id.js";
import type { TokenRow, TokenStore, UserId } from "../../ports.js";
import { placementOf, replacedBy, type Candidate } from "../eviction.js";
import type { MongoCollection } from "./collections.js";
import { bytesOf, dropAfter, isDuplicate, removeBefore } from "./collections.js";

/** Each lost race is another writer's success, and an account has few places: more attempts than this mean a fault. */
const maxTries = 50;

const oldestFirst = { sort: { createdAt: 1, lookup: 1 } };

/**
 * Tokens in MongoDB, a document each.
 *
 * An account has numbered places, and the id of a document names account and place. Writers that saw the same documents
 * go for the same place, so one of them succeeds and the others look again; and a new token takes the place of an old one
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
        const present = await tokens.find(own, oldestFirst).toArray();
        const placement = placementOf<Kept>(present, row, rule);
        if (placement === "over_cap") return "over_cap";
        if ((await tokens.find(clash, { limit: 1 }).toArray()).length > 0) return "taken";
        if (await settle(tokens, row, rule.now, present, placement.evict)) return placement.outcome;
      }
      throw new Error(
        `Another writer took the place of a token ${maxTries} times in a row. Let nothing but resetkit write to its collections.`,
      );
    },

    async find(lookup) {
      const [row = null] = await found({ $or: [{ lookup }, { "code.lookup": lookup }] }, { limit: 1 });
      return row;
    },

    async delivered(lookup, accepted, replace) {
      await tokens.updateOne({ lookup }, { $set: { delivery: accepted ? "accepted" : "failed" } });
      if (!replace) return;
      const [successor] = await tokens.find({ lookup }, { limit: 1 }).toArray();
      if (!successor) return;
      const { user, scope, _id } = successor;
      // A crash between these removals leaves valid links, which the next successor replaces.
      const present = await tokens.find({ user, scope }, oldestFirst).toArray();
      const own = present.find((one) => one._id === _id);
      if (!own) return;
      for (const one of replacedBy<Kept>(own, present, replace.maxLive))
        await tokens.deleteOne(asJudged(one));
    },

    liveOf: (userId, { scope, now }) =>
      found({ ...accountOf(userId, scope), expiresAt: { $gt: now } }, oldestFirst),

    async lease(lookup, until, now) {
      const unleased = { lookup, leasedUntil: { $lte: now } };
      return (await tokens.updateOne(unleased, { $set: { leasedUntil: until } })).matchedCount === 1;
    },

    async renew(lookup, until, held) {
      const leased = { lookup, leasedUntil: held };
      return (await tokens.updateOne(leased, { $set: { leasedUntil: until } })).matchedCount === 1;
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

    async removeByUser(userId, { scope, before }) {
      const created = before === undefined ? {} : { createdAt: { $lt: before } };
      return (await tokens.deleteMany({ ...accountOf(userId, scope), ...created })).deletedCount;
    },

    removeExpired: (now, limit) => removeBefore(tokens, "expiresAt", now, limit),

    list: ({ after, limit }) =>
      found(after ? { lookup: { $gt: after } } : {}, { sort: { lookup: 1 }, limit }),
  };
}

/** A document as MongoDB returns it. */
type Kept = Candidate & Record<string, any>;

/** Writes the row to a free place, or to that of a row that it replaces; false if another writer was faster. */
async function settle(
  tokens: MongoCollection,
  row: TokenRow,
  now: number,
  present: readonly Kept[],
  gone: readonly Kept[],
): Promise<boolean> {
  const { issued = false } = row;
  const same = present.filter((one) => (one.issued ?? false) === issued);
  const kept = new Set(same.filter((one) => !gone.includes(one)).map((one) => one.place));
  let place = 0;
  while (kept.has(place)) place++;
  const before = same.find((one) => one.place === place);

  for (const one of gone) {
    if (one !== before && (await tokens.deleteOne(asJudged(one))).deletedCount === 0) return false;
  }
  const document = writeDocument(row, place);
  // Every document has a lookup, so without one to replace the filter finds none, and inserts or fails.
  const filter = before ? replaceable(before) : { _id: document._id, lookup: null };
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

/**
 * An issued row replaces any that isn't accepted yet, so concurrent writers needn't try again because of each other's
 * rows.
 */
function replaceable(one: Kept) {
  if (one.issued && one.delivery !== "accepted") return { _id: one._id, delivery: { $ne: "accepted" } };
  return asJudged(one);
}

/** Finds a document only while what made it replaceable still holds. */
function asJudged({ _id, lookup, delivery }: Kept) {
  return { _id, lookup, delivery };
}

/** By its text, so that 42, 42n and "42" are three accounts; to MongoDB, the first two are equal. */
function accountOf(userId: UserId, scope: string) {
  return { user: writeUserId(userId), scope };
}

function lookupsOf({ lookup, code }: TokenRow): Uint8Array[] {
  return code ? [lookup, code.lookup] : [lookup];
}

function writeDocument(row: TokenRow, place: number) {
  const { userId, scope, issued } = row;
  const account = accountOf(userId, scope);
  // BSON's integers end at 64 bits, and would wrap around there; the text has any size.
  const native = typeof userId === "bigint" && BigInt.asIntN(64, userId) !== userId ? undefined : userId;
  const _id = JSON.stringify([scope, account.user, ...(issued ? ["issued"] : []), place]);
  const fields = Object.entries({ ...row, ...account, _id, place, userId: native });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function readDocument({ code, lookup, proof, user, userId, ...rest }: Kept): TokenRow {
  const { scope, createdAt, expiresAt, delivery, leasedUntil, issued, ip, userAgent } = rest;
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
    ...(issued && { issued }),
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { userAgent }),
  };
}
