/**
 * The public keys of issuers, fetched when they are first needed and renewed in the background. Fetches are
 * bounded in number, however many tokens name unknown keys, and old keys are believed for a bounded time
 * while their issuer does not answer.
 */
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Issuer, KeySource } from '../core/proof/jwt.ts';
import type { Json } from '../core/values/json.ts';
import { Problem } from '../core/values/problem.ts';
import { fieldsOf } from '../core/values/record.ts';
import type { Clock } from '../core/values/system.ts';

/** A key set as JSON, and when it was fetched, in epoch milliseconds. */
export interface KeySet {
  readonly keys: readonly Json[];
  readonly fetchedAt: number;
}

/** What fetching needs. */
export interface KeyParts {
  /** The JSON at a URL, bounded in time and size. Rejects with a Problem. */
  readonly fetchJson: (url: string) => Promise<Json>;
  readonly clock: Clock;
}

/** Keys of issuers. `of` and `newer` reject with Problem `issuer/unavailable` (503). */
export interface IssuerKeys {
  /** The keys as far as they are known. */
  of(issuer: Issuer): Promise<KeySet>;
  /** Newer keys than these, for a token that names another one; the same if it is too early to ask. */
  newer(issuer: Issuer, than: KeySet): Promise<KeySet>;
  /** Counts how often an issuer was found to have other keys than before. */
  version(): number;
}

/** Keys that are older are renewed in the background, in milliseconds. */
const FRESH = 10 * 60_000;
/** Keys that are older are renewed first: no one has asked for a while, and one may have been withdrawn. */
const STALE = 2 * FRESH;
/** Keys that are older are not believed. */
const LONGEST = 6 * 3_600_000;
/** Shortest time between two fetches of the same keys. */
const BETWEEN = 30_000;
/** The same, while there are no keys at all. */
const BETWEEN_FAILURES = 5_000;
/** Most keys of a set. */
const MAX_KEYS = 64;

/** What is known of one issuer. */
interface Known {
  set: KeySet | null;
  /** When the last fetch began. */
  triedAt: number;
  fetching: Promise<KeySet> | null;
}

/** Most issuers whose keys are kept; a configuration has fewer, but reloads bring others. */
const MAX_ISSUERS = 256;

/** Keeps the keys of issuers, also while the configuration is reloaded. */
export function createIssuerKeys(parts: KeyParts): IssuerKeys {
  const { clock } = parts;
  const all = new LRUCache<string, Known>({ max: MAX_ISSUERS });
  let version = 0;

  function knownOf({ issuer, keys }: Issuer): Known {
    const name = JSON.stringify(keys.kind === 'discovery' ? [issuer] : keys);
    let known = all.get(name);
    if (known === undefined) {
      known = { set: null, triedAt: Number.NEGATIVE_INFINITY, fetching: null };
      all.set(name, known);
    }
    return known;
  }

  /** Joins the fetch under way, or starts one. */
  function fetchOnce(issuer: Issuer, known: Known): Promise<KeySet> {
    if (known.fetching !== null) return known.fetching;
    known.triedAt = clock.now();
    const fetching = fetchKeys(issuer, parts)
      .then((set) => {
        if (known.set !== null && !isDeepStrictEqual(known.set.keys, set.keys)) version += 1;
        known.set = set;
        return set;
      })
      .finally(() => {
        known.fetching = null;
      });
    known.fetching = fetching;
    return fetching;
  }

  return {
    async of(issuer) {
      const known = knownOf(issuer);
      const now = clock.now();
      const { set } = known;
      const age = set === null ? Number.POSITIVE_INFINITY : now - set.fetchedAt;
      if (issuer.keys.kind === 'inline' && set !== null) return set;
      if (set !== null && age < LONGEST) {
        if (age >= FRESH && now - known.triedAt >= BETWEEN) {
          // Named fallback: the keys at hand are believed for longer, up to the bound above.
          fetchOnce(issuer, known).catch(() => undefined);
        }
        return settled(known, set, now);
      }
      if (known.fetching === null && now - known.triedAt < BETWEEN_FAILURES)
        throw unavailable(null);
      return fetchOnce(issuer, known);
    },
    async newer(issuer, than) {
      const known = knownOf(issuer);
      if (known.set !== null && known.set !== than) return known.set;
      if (issuer.keys.kind === 'inline') return than;
      if (known.fetching === null && clock.now() - known.triedAt < BETWEEN) return than;
      return fetchOnce(issuer, known);
    },
    version: () => version,
  };
}

/** The keys at hand, or what their renewal brings if no one has needed them for a while. */
function settled({ fetching, triedAt }: Known, set: KeySet, now: number): KeySet | Promise<KeySet> {
  const isWaited = now - set.fetchedAt >= STALE && now - triedAt < BETWEEN;
  // Named fallback: without an answer, they are believed for longer. A renewal that takes long is not waited for.
  return fetching !== null && isWaited ? fetching.catch(() => set) : set;
}

async function fetchKeys(issuer: Issuer, { fetchJson, clock }: KeyParts): Promise<KeySet> {
  try {
    const { keys } = fieldsOf(await documentOf(issuer, issuer.keys, fetchJson));
    if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw new Error('no key set');
    return { keys, fetchedAt: clock.now() };
  } catch (caught) {
    throw unavailable(caught);
  }
}

/** The key set as the issuer publishes it. */
async function documentOf(
  { issuer }: Issuer,
  source: KeySource,
  fetchJson: KeyParts['fetchJson'],
): Promise<unknown> {
  if (source.kind === 'inline') return JSON.parse(source.keys);
  if (source.kind === 'url') return fetchJson(source.url);
  const metadata = fieldsOf(
    await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  );
  // OpenID Connect Discovery 1.0, 4.3: otherwise one issuer could name the keys of another.
  if (metadata['issuer'] !== issuer) throw new Error('the metadata are those of another issuer');
  const url = metadata['jwks_uri'];
  if (typeof url !== 'string') throw new Error('the metadata name no keys');
  return fetchJson(url);
}

function unavailable(cause: unknown): Problem {
  return new Problem(
    'issuer/unavailable',
    'The keys that are needed to check this are not available.',
    {
      status: 503,
      retryAfter: 5,
      ...(cause === null ? {} : { cause }),
    },
  );
}
