/**
 * What happens inside a server, all or nothing, in Lua: one script per change, each inside one partition. It decides
 * and writes; what is sent to it and made of its answer is said by the files that name a script.
 *
 * A partition `{pNN}` holds the conversations, outbox items and records whose id hashes to it; the braces keep all of
 * it on one node of a cluster. Ids come escaped. In each partition, after `{pNN}`:
 *
 *   format                     made once, when the store is; a partition without it has lost what it held
 *   c:conv   hash              rev, state, order (of the last acceptance)      t:conv   list    transcript
 *   i:conv   zset              inbox, by order                                 u:conv   hash    seen: "seq order op"
 *   w:conv   hash              errands for other partitions, by version        a:conv   string  last version done here
 *   l:conv   string            who may run a turn, with an end of its own      f:conv   string  last fence given
 *   e:conv   string            erased, and until when its id opens nothing
 *   o:item   hash              an item to send: json, kind, due, tries, place  d:item   string  an item that is done
 *   r:key    hash              a record: v, rev                                n:key    hash    a counter: n, until
 *   all, unfinished, errands, due, keys        which of them there are, by time or name     x   when what is over
 *   fence, version, news       counters that only go up                        op:…     what a change answered
 *
 * Scripts make the names of keys from the partition that they are given as KEYS[1]; all have the same hash tag.
 */
import { createHash } from 'node:crypto';

export interface Script {
  readonly text: string;
  readonly sha: string;
  /** A change is remembered for a while, so that an answer lost on the way can be asked for again. */
  readonly changes: boolean;
}

/** Counts up when the layout changes in a way that older code would misread. */
export const FORMAT = 'sesame 1, 64 partitions';

const START = `
local P, op = KEYS[1], ARGV[1]
local function call(name, key, ...) return redis.call(name, P .. key, ...) end
local function num(value) return tonumber(value or '0') end
if call('GET', 'format') ~= '${FORMAT}' then return redis.error_reply('NOFORMAT this partition is not, or no longer, a part of the store') end
`;

const CHANGE_START = `
local told = call('GET', 'op:' .. op)
if told then return cjson.decode(told) end
local function int(n) return string.format('%.0f', n) end
local function news(what) redis.call('SPUBLISH', P .. 'news', int(call('INCR', 'news')) .. ' ' .. op .. ' ' .. what) end
local function time() local t = redis.call('TIME') return t[1] .. string.rep('0', 6 - #t[2]) .. t[2] end
local function lay(id, text)
  if text == '' then return '0', '0', '0' end
  local version, place = int(call('INCR', 'version')), time()
  call('HSET', 'w:' .. id, version, place .. ' ' .. text)
  call('ZADD', 'errands', redis.call('TIME')[1], id)
  return version, place, int(call('HLEN', 'w:' .. id))
end
local function fenced(id, fence) return num(call('GET', 'f:' .. id)) > tonumber(fence) end
local function work()
`;

const CHANGE_END = `
end
local reply = work()
if reply[1] ~= 'busy' then call('SET', 'op:' .. op, cjson.encode(reply), 'PX', 120000) end
return reply
`;

export function change(body: string): Script {
  return script(START + CHANGE_START + body + CHANGE_END, true);
}

export function reading(body: string): Script {
  return script(START + body, false);
}

function script(text: string, changes: boolean): Script {
  return { text, changes, sha: createHash('sha1').update(text).digest('hex') };
}

/** What a change answered is known for 2 minutes; one that was given up stays so for 10. */
export const scripts = {
  /** command, key, arguments… */
  ask: reading(`return call(ARGV[2], ARGV[3], unpack(ARGV, 4))`),

  /** op: the answer of a change, or "never": from here on it will not be done, even if it is still on its way. */
  settleOp: script(`${START}
    local told = call('GET', 'op:' .. op)
    if told then return cjson.decode(told) end
    call('SET', 'op:' .. op, '["never"]', 'PX', 600000)
    return {'never'}`, false),

  /** conv, utterance id, entry or '', utterance */
  accept: change(`
    local id, uid = ARGV[2], ARGV[3]
    if call('EXISTS', 'e:' .. id) == 1 then return {'erased'} end
    local mark = call('HGET', 'u:' .. id, uid)
    if mark then
      local seq, by = string.match(mark, '^(%d+) %d* (.*)$')
      return {'seen', seq, by}
    end
    if ARGV[4] ~= '' then call('RPUSH', 't:' .. id, ARGV[4]) end
    local seq, order = int(call('LLEN', 't:' .. id)), int(call('HINCRBY', 'c:' .. id, 'order', 1))
    call('ZADD', 'i:' .. id, order, ARGV[5])
    call('HSET', 'u:' .. id, uid, seq .. ' ' .. order .. ' ' .. op)
    call('SADD', 'unfinished', id)
    news('entries ' .. id)
    return {'accepted', seq}`),

  /** conv, fence, expected, state, last turn at, pending 0/1, errands or '', heard or '', which entry is it, entries… */
  commit: change(`
    local id, heard = ARGV[2], ARGV[9]
    if call('EXISTS', 'e:' .. id) == 1 then return {'erased'} end
    local revision = num(call('HGET', 'c:' .. id, 'rev'))
    if fenced(id, ARGV[3]) or revision ~= tonumber(ARGV[4]) then return {'stale'} end
    local before = call('LLEN', 't:' .. id)
    for i = 11, #ARGV do call('RPUSH', 't:' .. id, ARGV[i]) end
    local mark = heard ~= '-' and call('HGET', 'u:' .. id, string.sub(heard, 2))
    if mark then
      local seq, order = string.match(mark, '^(%d+) (%d*) ')
      if order ~= '' then
        call('ZREMRANGEBYSCORE', 'i:' .. id, order, order)
        call('HSET', 'u:' .. id, string.sub(heard, 2), seq .. '  ' .. op)
      end
    elseif heard ~= '-' then
      call('HSET', 'u:' .. id, string.sub(heard, 2), int(before + tonumber(ARGV[10])) .. '  ' .. op)
    end
    call('HSET', 'c:' .. id, 'rev', int(revision + 1), 'state', ARGV[5])
    call('ZADD', 'all', ARGV[6], id)
    if ARGV[7] == '1' or call('EXISTS', 'i:' .. id) == 1 then call('SADD', 'unfinished', id) else call('SREM', 'unfinished', id) end
    local version, place, laid = lay(id, ARGV[8])
    if #ARGV > 10 then news('entries ' .. id) end
    return {'committed', version, place, laid, int(before)}`),

  /** conv, fence, until, errands or '' */
  erase: change(`
    local id = ARGV[2]
    if fenced(id, ARGV[3]) then return {'stale'} end
    for _, kind in ipairs({'c:', 't:', 'i:', 'u:'}) do call('DEL', kind .. id) end
    call('SREM', 'unfinished', id)
    call('ZREM', 'all', id)
    if tonumber(ARGV[4]) > num(call('GET', 'e:' .. id)) then call('SET', 'e:' .. id, ARGV[4]) end
    call('ZADD', 'x', call('GET', 'e:' .. id), 'e:' .. id)
    local version, place, laid = lay(id, ARGV[5])
    news('erased ' .. id)
    return {'gone', version, place, laid}`),

  /** conv, token, milliseconds, how tokens of the same process begin: it has a queue, and held this without knowing */
  hold: change(`
    local id, holder = ARGV[2], call('GET', 'l:' .. ARGV[2])
    if holder and string.sub(holder, 1, #ARGV[5]) ~= ARGV[5] then return {'busy'} end
    call('SET', 'l:' .. id, ARGV[3], 'PX', ARGV[4])
    local fence = int(call('INCR', 'fence'))
    call('SET', 'f:' .. id, fence, 'PX', 604800000)
    return {'held', fence, int(call('HLEN', 'w:' .. id))}`),

  /** conv, token, milliseconds more, or 0 to let go */
  keep: change(`
    local id = ARGV[2]
    if call('GET', 'l:' .. id) ~= ARGV[3] then return {'busy'} end
    if ARGV[4] == '0' then call('DEL', 'l:' .. id) else call('PEXPIRE', 'l:' .. id, ARGV[4]) end
    return {'kept'}`),

  /** Changes nothing but what it answered, which is a place in the log of changes. */
  mark: change(`return {'marked'}`),

  /** seconds: news so far, then conversations whose errands have lain for so long */
  look: reading(`
    local since = redis.call('TIME')[1] - tonumber(ARGV[2])
    local reply = call('ZRANGEBYSCORE', 'errands', '-inf', string.format('%.0f', since), 'LIMIT', 0, 50)
    table.insert(reply, 1, call('GET', 'news') or '0')
    return reply`),
} as const satisfies Record<string, Script>;
