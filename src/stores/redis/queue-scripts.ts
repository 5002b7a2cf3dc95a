/**
 * What the Redis store runs on the server for its queue. Each script is one atomic step, and touches only the keys that
 * it's called with.
 *
 * Keys of all scripts: entries, ready, ids, requests, lasting, due, added.
 *
 * - `entries` (hash): by id, the text `addedAt dueAt attempts kind keyId sealed failure`. `-` stands for no kind and no
 *   key id. Times have 16 digits, so that they sort as strings.
 * - `ready` (sorted set, by text): `keyId dueAt id`. Entries under one key id are next to each other, so a lease goes
 *   straight to its own, however many of another application are due before them.
 * - `ids` (sorted set, by text): for `list`.
 * - `requests`, `lasting` (sorted sets, by `addedAt`): entries that have a deadline, and those that have none.
 * - `due`, `added`: what version 0.1.0 wrote. `adopt` moves its entries over.
 *
 * @module
 */

const parse = `
local function parse(text)
  local addedAt, dueAt, attempts, kind, keyId, sealed, failure =
    string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) ?(.*)$')
  return {
    addedAt = addedAt, dueAt = dueAt, attempts = attempts,
    kind = kind, keyId = keyId, sealed = sealed, failure = failure,
  }
end
local function write(id, entry)
  local text = table.concat({
    entry.addedAt, entry.dueAt, entry.attempts, entry.kind, entry.keyId, entry.sealed, entry.failure,
  }, ' ')
  redis.call('HSET', KEYS[1], id, text)
end
local function memberOf(id, entry)
  return entry.keyId .. ' ' .. entry.dueAt .. ' ' .. id
end
-- What takes memory comes first: if a full server rejects that, nothing has been changed yet.
local function insert(id, entry)
  write(id, entry)
  redis.call('ZADD', KEYS[2], 0, memberOf(id, entry))
  redis.call('ZADD', KEYS[3], 0, id)
  redis.call('ZADD', entry.kind == 'request' and KEYS[4] or KEYS[5], entry.addedAt, id)
end
local function update(id, entry, dueAt)
  local before = memberOf(id, entry)
  entry.dueAt = dueAt
  write(id, entry)
  local after = memberOf(id, entry)
  if after == before then return end
  redis.call('ZADD', KEYS[2], 0, after)
  redis.call('ZREM', KEYS[2], before)
end
local function remove(id)
  local text = redis.call('HGET', KEYS[1], id)
  local entry = text and parse(text)
  if entry and entry.keyId then redis.call('ZREM', KEYS[2], memberOf(id, entry)) end
  redis.call('HDEL', KEYS[1], id)
  for i = 3, 7 do redis.call('ZREM', KEYS[i], id) end
end
`;

/** A thousand at a time, so that no call takes long; an upgrade finds few. */
const adopt = `
local function padded(score)
  return string.format('%016.0f', tonumber(score))
end
local old = redis.call('ZRANGE', KEYS[6], 0, 999, 'WITHSCORES')
for i = 1, #old, 2 do
  local addedAt, sealed = string.match(redis.call('HGET', KEYS[1], old[i]) or '', '^(%S+) (%S+)$')
  if sealed then
    insert(old[i], {
      addedAt = padded(addedAt), dueAt = padded(old[i + 1]), attempts = '0',
      kind = '-', keyId = '-', sealed = sealed, failure = '',
    })
  end
  redis.call('ZREM', KEYS[6], old[i])
  redis.call('ZREM', KEYS[7], old[i])
end
`;

/**
 * `keyIds()`: every key id that has entries. Jumps from one to the next, so it takes few steps, however many entries
 * there are.
 */
const keyIds = `
local function keyIds()
  local found, from = {}, '-'
  while true do
    local member = redis.call('ZRANGEBYLEX', KEYS[2], from, '+', 'LIMIT', 0, 1)[1]
    if not member then return found end
    found[#found + 1] = string.match(member, '^%S+')
    from = '[' .. found[#found] .. '!'
  end
end
`;

/** Values: id, addedAt, dueAt, kind, key id, sealed. Returns 0 if the id already exists. */
export const add = `${parse}
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
insert(ARGV[1], {
  addedAt = ARGV[2], dueAt = ARGV[3], attempts = '0',
  kind = ARGV[4], keyId = ARGV[5], sealed = ARGV[6], failure = '',
})
return 1
`;

/** Values: limit, now, until, then key ids (none: all). Returns id and entry of each that was due, in turn. */
export const lease = `${parse}${adopt}${keyIds}
local limit, now, untilTime = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local wanted = {}
for i = 4, #ARGV do wanted[#wanted + 1] = ARGV[i] end
if #wanted == 0 then wanted = keyIds() end

local due = {}
for _, keyId in ipairs(wanted) do
  local first, last = '[' .. keyId .. ' ', '[' .. keyId .. ' ' .. now .. ' ~'
  for _, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], first, last, 'LIMIT', 0, limit)) do
    due[#due + 1] = { member = member, order = string.match(member, ' (.*)$') }
  end
end
table.sort(due, function(a, b) return a.order < b.order end)

local leased = {}
for i = 1, math.min(limit, #due) do
  local id = string.match(due[i].order, ' (.*)$')
  local text = redis.call('HGET', KEYS[1], id)
  if text then
    leased[#leased + 1] = id
    leased[#leased + 1] = text
    update(id, parse(text), untilTime)
  else
    -- A worker of version 0.1.0 removed the entry, and knows nothing about these lists.
    redis.call('ZREM', KEYS[2], due[i].member)
    remove(id)
  end
end
return leased
`;

/** Values: id, time, then what failed (may be left out). */
export const retry = `${parse}
local text = redis.call('HGET', KEYS[1], ARGV[1])
local entry = text and parse(text)
if not entry or not entry.keyId then return end
if ARGV[3] then
  entry.attempts, entry.failure = string.format('%.0f', entry.attempts + 1), ARGV[3]
end
update(ARGV[1], entry, ARGV[2])
`;

/** Values: id. */
export const done = `${parse} remove(ARGV[1])`;

/** Values: before, limit. Returns how many were removed. */
export const removeExpired = `${parse}
local ids = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do remove(id) end
return #ids
`;

/** Values: now, then key ids (none: all are ours). Returns waiting, foreign, and when the oldest of waiting was added. */
export const stats = `${parse}${adopt}${keyIds}
local now = ARGV[1]
local ours = {}
for i = 2, #ARGV do ours[ARGV[i]] = true end

local waiting, foreign = 0, 0
for _, keyId in ipairs(keyIds()) do
  local first = '[' .. keyId .. ' '
  waiting = waiting + redis.call('ZLEXCOUNT', KEYS[2], first, first .. now .. ' ~')
  if #ARGV > 1 and not ours[keyId] then
    foreign = foreign + redis.call('ZLEXCOUNT', KEYS[2], first, first .. '~')
  end
end

local oldest = ''
for i = 4, 5 do
  local from, found = 0, false
  while waiting > 0 and not found do
    local ids = redis.call('ZRANGE', KEYS[i], from, from + 99)
    if #ids == 0 then break end
    from = from + 100
    for _, id in ipairs(ids) do
      local text = redis.call('HGET', KEYS[1], id)
      local entry = text and parse(text)
      if entry and entry.dueAt <= now then
        if oldest == '' or entry.addedAt < oldest then oldest = entry.addedAt end
        found = true
        break
      end
    end
  end
end
return { waiting, foreign, oldest }
`;

/** Values: where to begin, how many. Returns id and entry of each, in turn. */
export const list = `${parse}${adopt}
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYLEX', KEYS[3], ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  found[#found + 1] = id
  found[#found + 1] = redis.call('HGET', KEYS[1], id) or ''
end
return found
`;
