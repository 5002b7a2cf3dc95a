import type { CounterStore } from "../../ports.js";
import type { RunScript } from "./client.js";
import { slack } from "./tokens.js";

/**
 * Keys: window, closing. Values: name, per, by, now, now + per, slack. Returns count and resetAt.
 *
 * A window is the text `count resetAt`.
 */
const hit = `
local now, by = tonumber(ARGV[4]), tonumber(ARGV[3])
local count, resetAt = string.match(redis.call('GET', KEYS[1]) or '', '^(%S+) (%S+)$')
local open = resetAt and tonumber(resetAt) > now
if not open then
  if by <= 0 then return { '0', ARGV[5] } end
  count, resetAt = 0, ARGV[5]
  redis.call('ZADD', KEYS[2], resetAt, ARGV[1])
end
count = string.format('%.0f', math.max(0, tonumber(count) + by))
local live = string.format('%.0f', tonumber(resetAt) - now + tonumber(ARGV[6]))
redis.call('SET', KEYS[1], count .. ' ' .. resetAt, 'PX', live)
if redis.call('PTTL', KEYS[2]) < tonumber(live) then redis.call('PEXPIRE', KEYS[2], live) end
return { count, resetAt }
`;

/** Keys: closing. Values: now, how many. Returns the names of windows that closed before now. */
const closed = `return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])`;

/** Keys: window, closing. Values: name, now. Returns 1 if a closed window was removed. */
const remove = `
local resetAt = string.match(redis.call('GET', KEYS[1]) or '', ' (%S+)$')
if resetAt and tonumber(resetAt) >= tonumber(ARGV[2]) then return 0 end
redis.call('DEL', KEYS[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
`;

/**
 * Keys: closing. Values: cursor, how the names begin. Returns the next cursor and some names. Names contain no
 * characters with a special meaning in patterns.
 */
const named = `
local page = redis.call('ZSCAN', KEYS[1], ARGV[1], 'MATCH', ARGV[2] .. '*', 'COUNT', 500)
local names = {}
for index = 1, #page[2], 2 do names[#names + 1] = page[2][index] end
return { page[1], names }
`;

/** Keys: window, closing. Values: name. Returns 1 if there was such a window. */
const drop = `
redis.call('DEL', KEYS[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
`;

/** Counters in Redis, all under the hash tag of `tag`. A window expires by itself after it has closed. */
export function redisCounters(run: RunScript, tag: string): CounterStore {
  const closing = `${tag}:closing`;
  const keysOf = (name: string) => [`${tag}:window:${name}`, closing];

  return {
    async hit(key, { per, by = 1, now }) {
      const answer = await run(hit, keysOf(key), [key, per, by, now, now + per, slack]);
      const [count, resetAt] = answer as unknown[];
      return { count: Number(count), resetAt: Number(resetAt) };
    },

    async removeExpired(now, limit) {
      const names = ((await run(closed, [closing], [now, limit])) as unknown[]).map(String);
      const removed = await Promise.all(names.map((name) => run(remove, keysOf(name), [name, now])));
      return removed.filter((count) => count === 1).length;
    },

    async removeByPrefix(prefix, limit) {
      let removed = 0;
      let cursor = "0";
      do {
        const [next, names] = (await run(named, [closing], [cursor, prefix])) as [unknown, unknown[]];
        cursor = String(next);
        for (const name of names.map(String).slice(0, limit - removed)) {
          removed += Number(await run(drop, keysOf(name), [name]));
        }
      } while (cursor !== "0" && removed < limit);
      return removed;
    },
  };
}
