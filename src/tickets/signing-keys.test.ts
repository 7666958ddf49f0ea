/** Rotation of the keys: an app's own library verifies, at a moved clock. */
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { testSession, testUser } from '../../test/support/fakes.ts';
import { createAssertions } from './assertion.ts';
import { createSigningKeys } from './signing-keys.ts';

const SECRET = 'a-secret-a-secret-a-secret-a-secret';
const NEXT = 'another-secret-another-secret-another';
const ISSUER = 'https://auth.example.com';
const WIKI = { id: 'wiki', origin: 'https://wiki.example.com' };
const DAY = 86_400_000;
const MINUTE = 60_000;
const NOW = Date.parse('2026-11-28T12:00:00Z');

/** The first moment of the period after that of `now`. */
const turn = (now: number): number => {
  const keys = createSigningKeys([SECRET]);
  const { kid } = keys.current(now).jwk;
  let [before, after] = [now, now + 60 * DAY];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (keys.current(middle).jwk.kid === kid) before = middle;
    else after = middle;
  }
  return after;
};

const signedAt = (now: number, secrets = [SECRET]): string =>
  createAssertions(secrets, () => ISSUER).sign(testUser(), testSession(), WIKI, now);

/** Whether an app accepts a token at `now` with the keys that it fetched at `fetched`. */
const accepts = async (
  token: string,
  { fetched, now, secrets = [SECRET] }: { fetched: number; now: number; secrets?: string[] },
): Promise<boolean> => {
  const { keys } = createAssertions(secrets, () => ISSUER).jwks(fetched);
  const set = createLocalJWKSet({ keys: [...keys] });
  const options = { issuer: ISSUER, audience: WIKI.origin, currentDate: new Date(now) };
  return jwtVerify(token, set, options).then(
    () => true,
    () => false,
  );
};

describe('the keys of the signed assertion', () => {
  it('change every 30 days, at the same moment on every instance', () => {
    const first = turn(NOW);
    expect(turn(first) - first).toBe(30 * DAY);
    const one = createSigningKeys([SECRET]);
    const other = createSigningKeys([SECRET]);
    for (const now of [first - 1, first, first + DAY]) {
      expect(one.published(now)).toEqual(other.published(now));
      expect(one.current(now).jwk).toEqual(other.current(now).jwk);
    }
    // A clock that is set back.
    expect(one.current(first - 1).jwk).toEqual(createSigningKeys([SECRET]).current(NOW).jwk);
  });

  it('are published before they sign, and after, until their last assertion has expired', async () => {
    const at = turn(NOW);
    const newest = signedAt(at);
    for (const fetched of [at - 30 * DAY, at - MINUTE, at, at + 30 * DAY]) {
      expect(await accepts(newest, { fetched, now: at + MINUTE })).toBe(true);
    }
    const oldest = signedAt(at - 1);
    expect(await accepts(oldest, { fetched: at + 30 * DAY - 1, now: at + 4 * MINUTE })).toBe(true);
    expect(await accepts(oldest, { fetched: at, now: at + 6 * MINUTE })).toBe(false);
    expect(await accepts(oldest, { fetched: at + 30 * DAY, now: at + MINUTE })).toBe(false);
  });

  it('stay known while the secrets are rotated', async () => {
    const now = NOW;
    const both = [NEXT, SECRET];
    expect(await accepts(signedAt(now), { fetched: now, now, secrets: both })).toBe(true);
    expect(await accepts(signedAt(now, both), { fetched: now, now, secrets: [SECRET, NEXT] })).toBe(
      true,
    );
    expect(await accepts(signedAt(now), { fetched: now, now, secrets: [NEXT] })).toBe(false);
  });

  it('are named by their thumbprint (RFC 7638), and contain no private key', async () => {
    const keys = createSigningKeys([SECRET, NEXT]).published(NOW);
    expect(keys).toHaveLength(6);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(6);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
      expect(key.kid).toBe(await calculateJwkThumbprint({ ...key }));
    }
  });

  it('are not made of weak secrets', () => {
    expect(() => createSigningKeys([])).toThrow('at least one');
    expect(() => createSigningKeys(['short'])).toThrow('32 bytes');
  });
});
