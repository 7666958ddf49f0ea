/**
 * Forged answers and metadata of sign-in providers. Each test first shows that the honest ones are
 * accepted.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../src/core/sources/source.ts';
import { passage } from '../support/passage.ts';
import {
  problemCode,
  problemOf,
  scriptedProvider,
  signIn,
  type ScriptedProvider,
} from '../support/scripted-provider.ts';
import { ISSUER, openAt } from './oidc-world.ts';

let provider: ScriptedProvider;
let source: Source;
beforeEach(async () => {
  provider = await scriptedProvider(ISSUER);
  source = await openAt(provider);
  // The honest answer is accepted, or nothing below would prove anything.
  await signIn(source, provider);
});

describe('userinfo', () => {
  it.each<[string, Record<string, unknown>]>([
    ['about another user', { sub: 'admin' }],
    ['about no user', { sub: undefined }],
    ['about a list of users', { sub: ['user-1'] }],
  ])('%s is refused', async (_what, userinfo) => {
    provider.script.userinfo = userinfo;
    expect(await problemCode(signIn(source, provider))).toBe('source/refused');
  });

  it('does not replace what was signed', async () => {
    provider.script.claims = { email: 'ann@example.com', email_verified: false, iss: ISSUER };
    provider.script.userinfo = { email: 'root@example.com', email_verified: true, iss: 'x' };
    expect(await signIn(source, provider)).toMatchObject({
      email: 'ann@example.com',
      emailVerified: false,
      issuer: ISSUER,
      claims: { email: 'ann@example.com', iss: ISSUER },
    });
  });
});

describe('a visit', () => {
  it('OIDC-pkce: state, nonce and an S256 challenge are sent, and the verifier is redeemed', async () => {
    const [first, second] = [passage('first'), passage('second')];
    const urls = await Promise.all(
      [first, second].map(
        async (own) => new URL(await source.begin(own, { username: null, prompt: null })),
      ),
    );
    for (const [index, url] of urls.entries()) {
      const own = index === 0 ? first : second;
      expect(url.searchParams.get('code_challenge_method')).toBe('S256');
      expect(url.searchParams.get('state')).toBe(own.state);
      expect(url.searchParams.get('nonce')).toBe(own.nonce);
    }
    const [one, two] = urls.map((url) => url.searchParams.get('code_challenge'));
    expect(one).not.toBe(two);
    await signIn(source, provider, { own: first });
    const redeemed = provider.requests.findLast(({ url }) => url === `${ISSUER}/token`);
    expect(redeemed?.form.get('code_verifier')).toBe(first.verifier);
    expect(redeemed?.headers.get('authorization')).toMatch(/^Basic /);
    expect(redeemed?.form.has('client_secret')).toBe(false);
  });

  it('cannot be mixed up with a visit to another provider', async () => {
    provider.metadata = { authorization_response_iss_parameter_supported: true };
    source = await openAt(provider);
    const from = (iss: string | null) =>
      problemCode(
        signIn(source, provider, {
          change: (answer) => void (iss !== null && answer.set('iss', iss)),
        }),
      );
    expect(await from(ISSUER)).toBe('none');
    expect(await from('https://attacker.invalid')).toBe('source/refused');
    expect(await from(null)).toBe('source/refused');
  });

  it.each([
    ['access_denied', 'source/denied'],
    ['login_required', 'source/denied'],
    ['temporarily_unavailable', 'source/unavailable'],
    ['invalid_scope', 'source/refused'],
    ['<script>alert(1)</script>', 'source/refused'],
  ])('that ends with the error %s is %s', async (error, code) => {
    const change = (answer: URLSearchParams): void => {
      answer.delete('code');
      answer.set('error', error);
      answer.set('error_description', 'secret words');
    };
    const caught = await problemOf(signIn(source, provider, { change }));
    expect(caught).toMatchObject({ code });
    const text = String(caught?.cause);
    expect(text).not.toMatch(/secret words|script/);
  });

  it('that ends with an error for another visit is refused as such', async () => {
    const change = (answer: URLSearchParams): void => {
      answer.set('state', passage('other').state);
      answer.set('error', 'access_denied');
    };
    expect(await problemCode(signIn(source, provider, { change }))).toBe('source/refused');
  });
});

describe('metadata', () => {
  it.each<[string, Record<string, unknown>]>([
    ['another issuer', { issuer: 'https://attacker.invalid' }],
    ['its issuer with a slash more', { issuer: `${ISSUER}/` }],
    ['no keys', { jwks_uri: undefined }],
    ['keys elsewhere', { jwks_uri: 'https://attacker.invalid/keys' }],
    ['tokens at the metadata service', { token_endpoint: 'http://169.254.169.254/latest' }],
    ['tokens on another port', { token_endpoint: 'https://id.example.com:8443/token' }],
    ['tokens without TLS', { token_endpoint: 'http://id.example.com/token' }],
    ['tokens with credentials', { token_endpoint: 'https://a:b@id.example.com/token' }],
    ['userinfo on this machine', { userinfo_endpoint: 'http://127.0.0.1:9090/metrics' }],
    ['a file as userinfo', { userinfo_endpoint: 'file:///etc/passwd' }],
    ['a script as the page', { authorization_endpoint: 'javascript:alert(1)' }],
    ['a page elsewhere', { authorization_endpoint: 'https://attacker.invalid/login' }],
    ['a farewell elsewhere', { end_session_endpoint: 'https://attacker.invalid/end' }],
    ['a list as the page', { authorization_endpoint: ['x'] }],
  ])('with %s is not used', async (_what, metadata) => {
    provider.metadata = metadata;
    source = await openAt(provider);
    const before = provider.requests.length;
    expect(await problemCode(signIn(source, provider))).toBe('source/unavailable');
    // Nothing but the metadata has been read.
    expect(provider.requests.slice(before).map(({ url }) => url)).toEqual([
      `${ISSUER}/.well-known/openid-configuration`,
    ]);
  });

  it('may name endpoints on listed hosts', async () => {
    provider.metadata = { token_endpoint: 'https://tokens.example.net/token' };
    const token = provider.pages.get(`${ISSUER}/token`);
    if (token !== undefined) provider.pages.set('https://tokens.example.net/token', token);
    source = await openAt(provider, { hosts: ['tokens.example.net'] });
    expect(await problemCode(signIn(source, provider))).toBe('none');
  });

  it('behind a redirect is not used', async () => {
    const well = `${ISSUER}/.well-known/openid-configuration`;
    provider.pages.set(well, () => Response.redirect('https://attacker.invalid/', 302));
    source = await openAt(provider);
    expect(await problemCode(signIn(source, provider))).toBe('source/unavailable');
  });
});
