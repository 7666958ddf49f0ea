/**
 * Turns tickets into cookie values and back with iron-session's seal. It must never throw or
 * log on what a browser sent: whatever does not open cleanly is no ticket.
 */
import { sealData, unsealData } from 'iron-session';
import type { ScopedTicket, Tickets } from '../core/people/session.ts';
import { Problem } from '../core/values/problem.ts';
import { type BaseKey, baseKeys } from './secrets.ts';
import { fieldsOf } from '../core/values/record.ts';

/** Longest cookie value that is looked at, in UTF-16 units; ours have some 450, and 800 with the longest host. */
const MAX_VALUE = 1024;
/**
 * A seal as it is written. iron-session ignores what follows the version mark, and base64url decoders
 * skip other characters: without this, one ticket would have any number of spellings.
 */
const SEAL = /^[\w*.-]+~2$/;
/** 128 bit and 256 bit as base64url. */
const ID = /^[\w-]{22}$/;
const SECRET = /^[\w-]{43}$/;
/** Longest scope, in UTF-16 units: a kind and a host. */
const MAX_SCOPE = 300;

/**
 * Tickets sealed under the server's secrets, in order: the first seals, all open.
 * Problem `secrets/weak`; `seal` rejects with `ticket/shape` for what `open` would not take.
 */
export function createTickets(secrets: readonly string[]): Tickets {
  const keys = baseKeys(secrets);
  // iron-session seals with the highest number of its map, so sealing gets a map of one; ids come
  // from the secrets themselves and stay the same wherever a secret is in the list.
  const all: Record<string, string> = Object.create(null);
  for (const key of keys) all[String(key.id)] = passwordOf(key);
  const [first] = keys;
  const sealing = { [String(first.id)]: passwordOf(first) };
  return {
    async seal({ id, secret, user }, scope) {
      const shaped = asTicket({ id, secret, user, scope });
      if (shaped === null) throw new Problem('ticket/shape', 'A ticket is made of 16 + 32 bytes.');
      return sealData(shaped, { password: sealing, ttl: 0 });
    },
    async open(value) {
      if (value.length > MAX_VALUE || !SEAL.test(value)) return null;
      return asTicket(await unsealData<unknown>(value, { password: all, ttl: 0 }));
    },
  };
}

function passwordOf(key: BaseKey): string {
  return key.key('ticket').toString('base64url');
}

/**
 * A ticket of exactly our shape, or null; garbage unseals to `{}`. Tickets of version 0.1 have no scope:
 * they would be valid everywhere, so they are none.
 */
function asTicket(value: unknown): ScopedTicket | null {
  const { id, secret, user, scope } = fieldsOf(value);
  if (typeof id !== 'string' || typeof secret !== 'string' || typeof scope !== 'string')
    return null;
  if (scope === '' || scope.length > MAX_SCOPE) return null;
  if (!ID.test(id) || !SECRET.test(secret)) return null;
  if (user === undefined) return { id, secret, scope };
  return typeof user === 'string' && ID.test(user) ? { id, secret, user, scope } : null;
}
