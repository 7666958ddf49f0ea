/**
 * Forged ID tokens of sign-in providers. Each test first shows that the honest ones are
 * accepted.
 */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../src/core/sources/source.ts';
import { passage } from '../support/passage.ts';
import {
  ACCESS_TOKEN,
  CLIENT_ID,
  problemCode,
  scriptedKey,
  scriptedProvider,
  seconds,
  signIn,
  tokenOf,
  type ScriptedProvider,
} from '../support/scripted-provider.ts';
import {
  hmac,
  hmacWithPublicKey,
  ISSUER,
  openAt,
  reclaimed,
  reheaded,
  SECRET,
  signedWith,
  strange,
} from './oidc-world.ts';

let provider: ScriptedProvider;
let source: Source;
beforeEach(async () => {
  provider = await scriptedProvider(ISSUER);
  source = await openAt(provider);
  // The honest answer is accepted, or nothing below would prove anything.
  await signIn(source, provider);
});

/** What a sign-in with these claims ends in. */
async function withClaims(claims: Record<string, unknown>): Promise<string> {
  provider.script.claims = claims;
  return problemCode(signIn(source, provider));
}

describe('the signature of an ID token', () => {
  const forged: readonly [string, NonNullable<ScriptedProvider['script']['forge']>][] = [
    ['no algorithm', (_honest, claims) => tokenOf({ alg: 'none' }, claims)],
    ['no algorithm, in capitals', (_honest, claims) => tokenOf({ alg: 'None' }, claims)],
    ['no signature', (honest) => honest.replace(/\.[^.]*$/, '.')],
    ['no third part', (honest) => honest.replace(/\.[^.]*$/, '')],
    ['HS256 with the public key', (_honest, claims) => hmacWithPublicKey(provider, claims)],
    ['HS256 with the client secret', (_honest, claims) => hmac(provider, claims, SECRET)],
    ['HS256 with no secret', (_honest, claims) => hmac(provider, claims, '')],
    ['another key of the same id', async (_honest, claims) => strange(provider, claims)],
    ['an unknown key', async (_honest, claims) => strange(provider, claims, { kid: 'unknown' })],
    [
      'a key at a URL of its own',
      async (_honest, claims) =>
        strange(provider, claims, { jku: 'https://attacker.invalid/keys' }),
    ],
    [
      'a key that it brings itself',
      async (_honest, claims) => {
        const own = await scriptedKey();
        return signedWith(own, claims, { jwk: own.jwk, kid: 'unknown' });
      },
    ],
    ['an algorithm that its key does not have', (honest) => reheaded(honest, { alg: 'RS256' })],
    ['an extension that must be understood', (honest) => reheaded(honest, { crit: ['x'], x: 1 })],
    [
      'other claims than were signed',
      (honest, claims) => reclaimed(honest, { ...claims, sub: 'admin' }),
    ],
    ['more parts than a token has', (honest) => `${honest}.x.y`],
  ];
  it.each(forged)('OIDC-alg-none: %s is refused', async (_what, forge) => {
    provider.script.forge = forge;
    expect(await problemCode(signIn(source, provider))).toBe('source/refused');
    expect(provider.requests.map(({ url }) => new URL(url).host)).not.toContain('attacker.invalid');
  });

  it('must name its key where there are several', async () => {
    provider.keys.push(await scriptedKey());
    provider.script.header = { kid: '' };
    expect(await problemCode(signIn(source, provider))).toBe('source/refused');
  });

  it.each(['at+jwt', 'logout+jwt', 'dpop+jwt'])(
    'is no proof in a token of type %s',
    async (typ) => {
      provider.script.header = { typ };
      expect(await problemCode(signIn(source, provider))).toBe('source/refused');
    },
  );

  it('is found at once after a restart of the provider with other keys', async () => {
    source = await openAt(provider, {}, 10_000);
    await signIn(source, provider);
    provider.keys = [await scriptedKey()];
    expect(await signIn(source, provider)).toMatchObject({ issuer: ISSUER });
  });

  it('is asked of the provider once for many unknown keys', async () => {
    source = await openAt(provider, {}, 10_000);
    await signIn(source, provider);
    const before = provider.count(`${ISSUER}/keys`);
    provider.script.header = { kid: 'unknown' };
    for (let attempt = 0; attempt < 20; attempt += 1) {
      expect(await problemCode(signIn(source, provider))).toBe('source/refused');
    }
    expect(provider.count(`${ISSUER}/keys`)).toBe(before + 1);
  });
});

describe('the claims of an ID token', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another nonce', { nonce: passage('other').nonce }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://id.example.com/realms/other' }],
    ['an issuer with a slash more', { iss: `${ISSUER}/` }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'another client' }],
    ['no audience', { aud: undefined }],
    ['several audiences without azp', { aud: [CLIENT_ID, 'another client'] }],
    ['several audiences and another azp', { aud: [CLIENT_ID, 'b'], azp: 'b' }],
    ['another azp', { azp: 'another client' }],
    ['no end', { exp: undefined }],
    ['an end in the past', { exp: seconds(-3600) }],
    ['a text as its end', { exp: '9999999999' }],
    ['a beginning in the future', { nbf: seconds(3600) }],
    ['no time', { iat: undefined }],
    ['a time in the future', { iat: seconds(3600) }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a list as its subject', { sub: ['user-1'] }],
    ['a subject that is too long', { sub: 'x'.repeat(256) }],
    ['a subject with a line break', { sub: 'user-1\nadmin' }],
    ['the hash of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['a logout event', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['another nonce type', { nonce: [passage().nonce] }],
  ])('with %s are refused', async (_what, claims) => {
    expect(await withClaims(claims)).toBe('source/refused');
  });

  it.each<[string, Record<string, unknown>]>([
    ['clocks that differ by half a minute', { iat: seconds(30), nbf: seconds(30) }],
    ['the right hash of the access token', { at_hash: hashOf(ACCESS_TOKEN) }],
    ['several audiences and our azp', { aud: [CLIENT_ID, 'b'], azp: CLIENT_ID }],
  ])('with %s are accepted', async (_what, claims) => {
    expect(await withClaims(claims)).toBe('none');
  });

  it('must be recent enough where that is asked for', async () => {
    const own = { ...passage('age'), maxAge: 60 };
    const signInAged = async (claims: Record<string, unknown>): Promise<string> => {
      provider.script.claims = claims;
      return problemCode(signIn(source, provider, { own }));
    };
    const url = await source.begin(own, { username: null, prompt: 'login' });
    expect(new URL(url).searchParams.get('max_age')).toBe('60');
    expect(await signInAged({ auth_time: seconds() })).toBe('none');
    expect(await signInAged({ auth_time: seconds(-600) })).toBe('source/refused');
    expect(await signInAged({})).toBe('source/refused');
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['two addresses in one', { email: 'a@evil.invalid@example.com' }, { email: null }],
    ['a list of addresses', { email: ['ann@example.com'] }, { email: null }],
    ['an address with a line break', { email: 'ann@example.com\nx' }, { email: null }],
    ['an address that is not verified', { email_verified: false }, { email: 'ann@example.com' }],
    ['an address of unknown state', { email_verified: undefined }, { email: 'ann@example.com' }],
    ['a list as the state', { email_verified: [true] }, { email: 'ann@example.com' }],
    ['a word as the state', { email_verified: 'yes' }, { email: 'ann@example.com' }],
    ['no address', { email: undefined }, { email: null }],
  ])('OIDC-email-domain: %s is not verified', async (_what, claims, shown) => {
    const honest = { email: 'ann@example.com', email_verified: true };
    provider.script.claims = honest;
    expect(await signIn(source, provider)).toMatchObject({
      email: 'ann@example.com',
      emailVerified: true,
    });
    provider.script.claims = { ...honest, ...claims };
    expect(await signIn(source, provider)).toMatchObject({ ...shown, emailVerified: false });
  });
});

/** The left half of its SHA-256 (OpenID Connect Core 3.1.3.6). */
function hashOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
}
