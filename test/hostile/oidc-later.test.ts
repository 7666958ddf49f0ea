/**
 * Forged logout tokens and refreshed tokens of sign-in providers. Each test first shows that the honest ones are
 * accepted.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../src/core/sources/source.ts';
import {
  CLIENT_ID,
  json,
  problemCode,
  scriptedProvider,
  seconds,
  signIn,
  tokenOf,
  type ScriptedProvider,
} from '../support/scripted-provider.ts';
import { hmac, ISSUER, openAt, SECRET, strange } from './oidc-world.ts';

let provider: ScriptedProvider;
let source: Source;
beforeEach(async () => {
  provider = await scriptedProvider(ISSUER);
  source = await openAt(provider);
  // The honest answer is accepted, or nothing below would prove anything.
  await signIn(source, provider);
});

describe('a logout token', () => {
  const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const honest = () => ({
    iss: ISSUER,
    aud: CLIENT_ID,
    iat: seconds(),
    exp: seconds(120),
    jti: 'logout-1',
    events: EVENTS,
    sub: 'user-1',
    sid: 'session-1',
  });
  const read = async (claims: Record<string, unknown>, header: object = {}) =>
    source.readLogout(await provider.sign({ ...honest(), ...claims }, header));

  it('says whose sessions end', async () => {
    const { iat, exp } = honest();
    expect(await read({ iat, exp }, { typ: 'logout+jwt' })).toEqual({
      issuer: ISSUER,
      subject: 'user-1',
      sid: 'session-1',
      id: 'logout-1',
      issuedAt: iat * 1000,
      expiresAt: (exp + 60) * 1000,
    });
    expect(await read({ sub: undefined })).toMatchObject({ subject: null, sid: 'session-1' });
    // Older providers set no end; the time of issue bounds its use.
    expect(await read({ iat, exp: undefined })).toMatchObject({ expiresAt: (iat + 360) * 1000 });
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['without jti', { jti: undefined }, {}],
    ['without iat', { iat: undefined }, {}],
    ['without its event', { events: {} }, {}],
    ['without events', { events: undefined }, {}],
    ['with a list of events', { events: Object.keys(EVENTS) }, {}],
    ['with a nonce', { nonce: 'x' }, {}],
    ['with neither sub nor sid', { sub: undefined, sid: undefined }, {}],
    ['with a list as its sid', { sid: ['session-1'] }, {}],
    ['of an hour ago', { iat: seconds(-3600), exp: undefined }, {}],
    ['that has ended', { exp: seconds(-3600) }, {}],
    ['of the future', { iat: seconds(3600), exp: seconds(7200) }, {}],
    ['for another client', { aud: 'another client' }, {}],
    ['of another issuer', { iss: 'https://attacker.invalid' }, {}],
    ['of another type', {}, { typ: 'at+jwt' }],
  ])('OIDC-backchannel: %s is refused', async (_what, claims, header) => {
    expect(await problemCode(read(claims, header))).toBe('source/refused');
  });

  it.each<[string, () => string | Promise<string>]>([
    ['is not signed', () => tokenOf({ alg: 'none' }, honest())],
    ['is signed with the client secret', () => hmac(provider, honest(), SECRET)],
    ['is signed with another key', () => strange(provider, honest())],
    ['is an ID token', () => provider.sign({ ...honest(), events: undefined, nonce: 'x' })],
    ['is no token', () => 'x'],
    ['is too long', () => 'x'.repeat(70_000)],
  ])('that %s is refused', async (_what, token) => {
    expect(await problemCode(source.readLogout(await token()))).toBe('source/refused');
  });
});

describe('a refresh token', () => {
  const account = { refreshToken: 'a refresh token', subject: 'user-1', issuer: ISSUER };
  const renewed = (): Promise<void> => Promise.resolve();
  const answerWith = (body: object, status: number): void =>
    void provider.pages.set(`${ISSUER}/token`, () => json(body, status));

  it('OIDC-refresh-fail: that the provider has withdrawn ends the account', async () => {
    answerWith({ error: 'invalid_grant' }, 400);
    expect(await source.recheck(account, renewed)).toEqual({ stands: false, profile: null });
  });

  it.each<[string, object, number, string]>([
    ['our own fault', { error: 'invalid_client' }, 401, 'source/refused'],
    ['an outage', { error: 'server_error' }, 500, 'source/unavailable'],
    ['too many requests', {}, 429, 'source/unavailable'],
    ['invalid_grant in a success', { error: 'invalid_grant' }, 200, 'source/refused'],
  ])('that meets %s ends nothing, and proves nothing', async (_what, body, status, code) => {
    answerWith(body, status);
    expect(await problemCode(source.recheck(account, renewed))).toBe(code);
  });

  it('that brings an ID token of another user is refused', async () => {
    const answer = async (claims: object) =>
      answerWith(
        {
          access_token: 'x',
          token_type: 'Bearer',
          id_token: await provider.sign({
            iss: ISSUER,
            aud: CLIENT_ID,
            iat: seconds(),
            exp: seconds(60),
            ...claims,
          }),
        },
        200,
      );
    await answer({ sub: 'user-1' });
    expect(await source.recheck(account, renewed)).toMatchObject({ stands: true });
    await answer({ sub: 'admin' });
    expect(await problemCode(source.recheck(account, renewed))).toBe('source/refused');
  });
});
