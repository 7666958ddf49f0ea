/**
 * What must happen in one step on the server, in Lua. All keys are passed as KEYS, so that clusters and
 * ACLs can check them; nothing here knows a prefix. Times are epoch milliseconds.
 */
import type { Cluster, Redis } from 'ioredis';

/** Adds one session; shared by start and rotate. */
const PUT = `
local function put(session, user, all, value, ttl, id, expires, idles, now)
  if not redis.call('SET', session, value, 'PX', ttl, 'NX') then return 0 end
  redis.call('ZREMRANGEBYSCORE', user, '-inf', now)
  redis.call('ZADD', user, expires, id)
  if redis.call('PTTL', user) < tonumber(ttl) then redis.call('PEXPIRE', user, ttl) end
  redis.call('ZADD', all, idles, id)
  return 1
end`;

const LUA = {
  /** KEYS session, user, all; ARGV value, ttl, id, expires, idles, now. */
  doorwardStart: `${PUT}
return put(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])`,

  /** KEYS session, user, all, old session, old user, what the old one kept; ARGV as start, then the old id. */
  doorwardRotate: `${PUT}
if redis.call('DEL', KEYS[4]) == 0 then return 0 end
redis.call('DEL', KEYS[6])
redis.call('ZREM', KEYS[5], ARGV[7])
redis.call('ZREM', KEYS[3], ARGV[7])
return put(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])`,

  /**
   * KEYS all, then session, user and what was kept of each; ARGV idle since ('' for any), then the ids.
   * How many ended.
   */
  doorwardEnd: `
local ended = 0
for i = 2, #KEYS, 3 do
  local id = ARGV[(i + 1) / 3 + 1]
  local idles = redis.call('ZSCORE', KEYS[1], id)
  if ARGV[1] == '' or (idles and tonumber(idles) <= tonumber(ARGV[1])) then
    ended = ended + redis.call('DEL', KEYS[i])
    redis.call('ZREM', KEYS[i + 1], id)
    redis.call('ZREM', KEYS[1], id)
    redis.call('DEL', KEYS[i + 2])
  end
end
return ended`,

  /** KEYS session, all; ARGV id, seen. The session's own key is only read: writing it would notify all gateways. */
  doorwardTouch: `
local idle = string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^%[(%d+),')
if not idle then return 0 end
local idles = string.format('%.0f', tonumber(idle) + tonumber(ARGV[2]))
return redis.call('ZADD', KEYS[2], 'XX', 'GT', 'CH', idles, ARGV[1])`,

  /** KEYS session, all; ARGV id. One command instead of two: the socket write is what costs. */
  doorwardRead: `
return {redis.call('GET', KEYS[1]), redis.call('ZSCORE', KEYS[2], ARGV[1])}`,

  /**
   * KEYS kept, sessions of the account, of the visit, withdrawal of each; ARGV vouched at, value, ttl, id,
   * until, now. 0 if it was withdrawn.
   */
  doorwardKeep: `
for i = 4, 5 do
  local at = redis.call('GET', KEYS[i])
  if at and tonumber(at) >= tonumber(ARGV[1]) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
for i = 2, 3 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', ARGV[6])
  redis.call('ZADD', KEYS[i], ARGV[5], ARGV[4])
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
end
return 1`,

  /** KEYS kept; ARGV expected revision, value. Nothing comes back that has ended. */
  doorwardReplace: `
local revision = string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^(%d+):')
if revision ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1`,

  /** KEYS withdrawal, sessions; ARGV now, ttl. The ids. */
  doorwardWithdraw: `
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf')`,

  /** KEYS plan; ARGV expected revision, value, ttl. */
  doorwardPlan: `
local revision = string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^(%d+):') or '0'
if tonumber(revision) ~= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`,

  /** KEYS handover. Its value, which is gone afterwards. (GETDEL would need a right that older ACLs lack.) */
  doorwardRedeem: `
local value = redis.call('GET', KEYS[1])
if value then redis.call('DEL', KEYS[1]) end
return value`,

  /** As embedded/tries.ts. KEYS tries; ARGV free, wait, longest, window, now. */
  doorwardTake: `
local free, wait, longest, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local taken, retry = 0, 0
local row = redis.call('GET', KEYS[1])
if row then
  local t, r, f = string.match(row, '^(%d+) (%d+) (%d+)$')
  if f and now < tonumber(f) then taken, retry = tonumber(t), tonumber(r) end
end
if now < retry then return {0, string.format('%.0f', retry)} end
taken = taken + 1
retry = 0
local doublings = math.min(taken - free, 40)
if doublings >= 0 then
  local pause = math.min(wait * 2 ^ doublings, longest)
  if pause > 0 then retry = now + pause end
end
local forget = math.max(now + window, retry)
local value = string.format('%.0f %.0f %.0f', taken, retry, forget)
redis.call('SET', KEYS[1], value, 'PX', string.format('%.0f', math.max(forget - now, 1)))
return {1, string.format('%.0f', retry)}`,

  /** KEYS tries. */
  doorwardGiveBack: `
local row = redis.call('GET', KEYS[1])
if not row then return 0 end
local t, f = string.match(row, '^(%d+) %d+ (%d+)$')
if not t then return 0 end
local value = string.format('%.0f 0 %.0f', math.max(tonumber(t) - 1, 0), tonumber(f))
redis.call('SET', KEYS[1], value, 'KEEPTTL')
return 1`,

  /** As core/people/score.ts. KEYS score; ARGV by, least, most, halves, kept, now. */
  doorwardScore: `
local by, least, most, halves, kept, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local score, at = 0, now
local row = redis.call('GET', KEYS[1])
if row then
  local s, a = string.match(row, '^(%-?%d+) (%d+)$')
  if a then
    local halvings = math.max(0, math.floor((now - tonumber(a)) / halves))
    score = tonumber(s) / 2 ^ halvings
    if score < 0 then score = math.ceil(score) else score = math.floor(score) end
    if score ~= 0 then at = tonumber(a) + halvings * halves end
  end
end
score = math.min(math.max(score + by, least), most)
redis.call('SET', KEYS[1], string.format('%d %.0f', score, at), 'PX', string.format('%.0f', kept))
return score`,
} as const;

/** How many keys a script takes; `doorwardEnd` takes any number. */
const KEY_COUNTS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    doorwardStart: 3,
    doorwardRotate: 6,
    doorwardTouch: 2,
    doorwardRead: 2,
    doorwardPlan: 1,
    doorwardKeep: 5,
    doorwardReplace: 1,
    doorwardWithdraw: 2,
    doorwardRedeem: 1,
    doorwardTake: 1,
    doorwardGiveBack: 1,
    doorwardScore: 1,
  } satisfies Record<Exclude<keyof typeof LUA, 'doorwardEnd'>, number>),
);

type Argument = string | number | Uint8Array;

/** A client that knows the scripts; each takes its keys, then its arguments. */
export type Scripted = (Redis | Cluster) &
  Record<
    Exclude<
      keyof typeof LUA,
      'doorwardTake' | 'doorwardEnd' | 'doorwardRead' | 'doorwardRedeem' | 'doorwardWithdraw'
    >,
    (...args: Argument[]) => Promise<number>
  > & {
    doorwardEnd(keyCount: number, ...args: Argument[]): Promise<number>;
    doorwardReadBuffer(...args: Argument[]): Promise<[Buffer | null, Buffer | null]>;
    doorwardRedeemBuffer(...args: Argument[]): Promise<Buffer | null>;
    doorwardTake(...args: Argument[]): Promise<[number, string]>;
    doorwardWithdraw(...args: Argument[]): Promise<string[]>;
  };

/** Adds the scripts to a client: sent by hash, or as text if the server does not know them. */
export function withScripts(client: Redis | Cluster): Scripted {
  for (const [name, lua] of Object.entries(LUA)) {
    const numberOfKeys = KEY_COUNTS.get(name);
    client.defineCommand(name, numberOfKeys === undefined ? { lua } : { lua, numberOfKeys });
  }
  return client as Scripted;
}
