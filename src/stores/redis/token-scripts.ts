/**
 * What the Redis store runs on the server for tokens. Each script is one atomic step, and touches only the keys that
 * it's called with: Redis Cluster requires that, and so do servers that run several scripts concurrently.
 *
 * A token is one field of its account's hash: `delivery leasedUntil createdAt expiresAt rest`. Lua changes the first
 * two words, and never reads the rest. Numbers stay text, since Lua would round them.
 *
 * @module
 */

const parse = `
local function parse(text)
  local delivery, leased, created, expires = string.match(text, '^(%S+) (%S+) (%S+) (%S+) ')
  return {
    text = text, delivery = delivery,
    leased = tonumber(leased), created = tonumber(created), expires = tonumber(expires),
    issued = string.find(text, '^%S+ %S+ %S+ %S+ {"issued":true') ~= nil,
  }
end
`;

/** The account's rows of one kind, and how one of them is removed. */
const rows = `
local function rowsOf(issued)
  local rows = {}
  local fields = redis.call('HGETALL', KEYS[1])
  for i = 1, #fields, 2 do
    local row = parse(fields[i + 1])
    row.lookup = fields[i]
    if row.issued == issued then rows[#rows + 1] = row end
  end
  return rows
end
local function drop(row)
  redis.call('HDEL', KEYS[1], row.lookup)
  redis.call('ZREM', KEYS[2], row.lookup)
  redis.call('ZREM', KEYS[3], row.lookup)
end
`;

/** Keys: a pointer. Returns what it points to. */
export const locate = `return redis.call('GET', KEYS[1])`;

/** Keys: an account. Values: a lookup. Returns the row. */
export const get = `return redis.call('HGET', KEYS[1], ARGV[1])`;

/** Keys: an account. Returns its rows. */
export const getAll = `return redis.call('HVALS', KEYS[1])`;

/** Keys: pointers. Removes them. */
export const unpoint = `return redis.call('DEL', unpack(KEYS))`;

/**
 * Keys: account, expiry, index, then the row's pointers. Values: lookup, row, expiresAt, what the pointers point to,
 * time to live, now, maxLive, pendingFor, quietFor. Returns the outcome, and the rows that were removed.
 *
 * `placementOf` of `stores/eviction.ts`, in Lua: rows are evicted in the same step that adds the new one.
 */
export const put = `${parse}${rows}
local now, maxLive = tonumber(ARGV[6]), tonumber(ARGV[7])
local pendingFor, quietFor = tonumber(ARGV[8]), tonumber(ARGV[9])
local new = parse(ARGV[2])
local same = rowsOf(new.issued)
local limit = new.issued and 1 or maxLive

local dead, pending, quiet = {}, {}, true
for _, row in ipairs(same) do
  local lost = row.delivery == 'pending' and now - row.created > pendingFor
  row.rank = row.expires <= now and 0 or ((lost or row.delivery == 'failed') and 1 or 2)
  if row.rank < 2 then dead[#dead + 1] = row
  elseif row.delivery == 'pending' then pending[#pending + 1] = row end
  quiet = quiet and now - row.created > quietFor
end
table.sort(dead, function(a, b)
  if a.rank ~= b.rank then return a.rank < b.rank end
  if a.created ~= b.created then return a.created < b.created end
  return a.lookup < b.lookup
end)

local outcome, evict = 'stored', {}
local excess = #same + 1 - limit
if #dead >= excess then
  for i = 1, excess do evict[i] = dead[i] end
elseif new.issued then
  outcome, evict = 'successor', dead
  for _, row in ipairs(pending) do evict[#evict + 1] = row end
elseif quiet and #pending == 0 then
  outcome, evict = 'successor', dead
else
  return { 'over_cap' }
end
for i = 4, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return { 'taken' } end
end

-- What takes memory comes first: if a full server rejects that, nothing has been changed yet.
for i = 4, #KEYS do redis.call('SET', KEYS[i], ARGV[4], 'PX', ARGV[5]) end
local answer = { outcome }
for _, row in ipairs(evict) do
  drop(row)
  answer[#answer + 1] = row.text
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[3], 0, ARGV[1])
for i = 1, 3 do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[5]) then redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
end
return answer
`;

/**
 * Keys: account, expiry, index (as in all scripts below that work on one account). Values: lookup, delivery, and with
 * an accepted successor `maxLive`. Returns the rows that it replaced: `replacedBy` of `stores/eviction.ts`, in Lua.
 */
export const deliver = `${parse}${rows}
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then return {} end
redis.call('HSET', KEYS[1], ARGV[1], (string.gsub(text, '^%S+', ARGV[2], 1)))
local replaced = {}
if not ARGV[3] then return replaced end

local issued = parse(text).issued
local same, others = rowsOf(issued), {}
for _, row in ipairs(same) do
  if row.lookup ~= ARGV[1] then others[#others + 1] = row end
end
table.sort(others, function(a, b)
  local aFailed, bFailed = a.delivery == 'failed', b.delivery == 'failed'
  if aFailed ~= bFailed then return aFailed end
  if a.created ~= b.created then return a.created < b.created end
  return a.lookup < b.lookup
end)
for i = 1, #same - (issued and 1 or tonumber(ARGV[3])) do
  drop(others[i])
  replaced[i] = others[i].text
end
return replaced
`;

const leaseTo = `
local function leaseTo(text, time)
  redis.call('HSET', KEYS[1], ARGV[1], (string.gsub(text, '^(%S+) %S+', '%1 ' .. time, 1)))
end
`;

/** Values: lookup, until, now. Returns 1 to the caller that got the lease. */
export const lease = `${parse}${leaseTo}
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text or parse(text).leased > tonumber(ARGV[3]) then return 0 end
leaseTo(text, ARGV[2])
return 1
`;

/** Values: lookup, until, the end of the lease that is held. Returns 1 if it was still held. */
export const renew = `${parse}${leaseTo}
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text or parse(text).leased ~= tonumber(ARGV[3]) then return 0 end
leaseTo(text, ARGV[2])
return 1
`;

/** Values: lookup, until. */
export const release = `${parse}${leaseTo}
local text = redis.call('HGET', KEYS[1], ARGV[1])
if text and parse(text).leased == tonumber(ARGV[2]) then leaseTo(text, '0') end
`;

/**
 * Values: lookup, the end of the lease that must still hold, and the time before which the row must have expired
 * (either may be empty). Returns the row that was removed.
 */
export const remove = `${parse}
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then return false end
local row = parse(text)
if ARGV[2] ~= '' and row.leased ~= tonumber(ARGV[2]) then return false end
if ARGV[3] ~= '' and row.expires >= tonumber(ARGV[3]) then return false end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return text
`;

/** Removes all rows of the account, and returns them. */
export const removeAll = `
${parse}
${rows}
local before = tonumber(ARGV[1])
local gone = {}
for _, issued in ipairs({ false, true }) do
  for _, row in ipairs(rowsOf(issued)) do
    if not before or row.created < before then
      drop(row)
      gone[#gone + 1] = row.text
    end
  end
end
return gone
`;

/** Keys: expiry, index. Values: a lookup whose row Redis has already dropped, now. Returns 1 if it was listed. */
export const unlist = `
local expires = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not expires or tonumber(expires) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
`;

/** Keys: expiry. Values: now, how many. Returns the lookups of what expired before now, the oldest first. */
export const expired = `return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])`;

/** Keys: index. Values: where to begin, how many. Returns lookups in their own order. */
export const page = `return redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])`;
