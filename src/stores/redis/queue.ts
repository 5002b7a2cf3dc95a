import { base64url, fromBase64url } from "../../crypto/encoding.js";
import type { QueueEntry, RequestQueue } from "../../types.js";
import type { RunScript } from "./client.js";

// Keys of all scripts: entries, due, added. An entry is the text `addedAt sealed`.

/** Values: id, entry, addedAt, dueAt. */
const add = `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
`;

/** Values: limit, now, until. Gives id, entry and dueAt of each that was due, one after the other. */
const lease = `
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'WITHSCORES', 'LIMIT', 0, ARGV[1])
local leased = {}
for i = 1, #due, 2 do
  redis.call('ZADD', KEYS[2], ARGV[3], due[i])
  leased[#leased + 1] = due[i]
  leased[#leased + 1] = redis.call('HGET', KEYS[1], due[i])
  leased[#leased + 1] = due[i + 1]
end
return leased
`;

/** Values: id, time. */
const retry = `redis.call('ZADD', KEYS[2], 'XX', ARGV[2], ARGV[1])`;

const remove = `
local function remove(id)
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZREM', KEYS[3], id)
end
`;

/** Values: id. */
const done = `${remove} remove(ARGV[1])`;

/** Values: before, limit. Gives how many were removed. */
const removeExpired = `${remove}
local ids = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do remove(id) end
return #ids
`;

/**
 * A queue in Redis, all under the hash tag of `tag`. Nothing in it goes by itself: it holds mails that were
 * promised, and when one is too late is the engine's to say.
 */
export function redisQueue(run: RunScript, tag: string): RequestQueue {
  const keys = [`${tag}:entries`, `${tag}:due`, `${tag}:added`];

  return {
    async add({ id, sealed, addedAt, dueAt }) {
      await run(add, keys, [id, `${addedAt} ${base64url(sealed)}`, addedAt, dueAt]);
    },

    async lease(limit, now, until) {
      const flat = ((await run(lease, keys, [limit, now, until])) as unknown[]).map(String);
      return Array.from({ length: flat.length / 3 }, (_, i) =>
        readEntry(flat[3 * i]!, flat[3 * i + 1]!, flat[3 * i + 2]!),
      );
    },

    async done(id) {
      await run(done, keys, [id]);
    },

    async retry(id, at) {
      await run(retry, keys, [id, at]);
    },

    async removeExpired(before, limit) {
      return Number(await run(removeExpired, keys, [before, limit]));
    },
  };
}

function readEntry(id: string, entry: string, dueAt: string): QueueEntry {
  const [addedAt, sealed] = entry.split(" ");
  return { id, sealed: fromBase64url(sealed!)!, addedAt: Number(addedAt), dueAt: Number(dueAt) };
}
