import { describe, expect, it } from 'vitest';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { passkeyResponse, requestsFor, rpIdOf } from './passkey-site.ts';

const SITE = { rpId: 'auth.example.com', olderRpId: 'example.com' };
const passkey = (rpId?: string) =>
  testAuthenticator({ kind: 'webauthn', data: rpId === undefined ? {} : { rpId } });

describe('the relying party of a passkey', () => {
  it.each([
    [undefined, 'example.com'],
    ['auth.example.com', 'auth.example.com'],
    ['example.org', 'example.org'],
  ])('stored as %s is %s', (stored, rpId) => {
    expect(rpIdOf(passkey(stored), SITE)).toBe(rpId);
  });

  it('is the older one if the stored value is not a text', () => {
    const odd = testAuthenticator({ kind: 'webauthn', data: { rpId: ['auth.example.com'] } });
    expect(rpIdOf(odd, SITE)).toBe('example.com');
  });
});

describe('the ceremonies for the owner of passkeys', () => {
  it.each([
    ['none', [], ['auth.example.com']],
    ['an older one', [undefined], ['example.com']],
    ['a newer one', ['auth.example.com'], ['auth.example.com']],
    ['both', [undefined, 'auth.example.com'], ['auth.example.com', 'example.com']],
    ['two older ones', [undefined, 'example.com'], ['example.com']],
    ['those of a former host of the portal', ['login.example.com'], ['auth.example.com']],
    ['a suffix that is no parent domain', ['th.example.com'], ['auth.example.com']],
  ])('with %s are for %j', (_what, stored, rpIds) => {
    const requests = requestsFor(stored.map(passkey), SITE);
    expect(requests.map(({ rpId }) => rpId)).toEqual(rpIds);
  });

  it('are at most two, and of the older ones the last used', () => {
    const site = { rpId: 'auth.eu.example.com', olderRpId: 'example.com' };
    const stored = ['eu.example.com', undefined, 'auth.eu.example.com'].map(passkey);
    expect(requestsFor(stored, site).map(({ rpId }) => rpId)).toEqual([
      'auth.eu.example.com',
      'eu.example.com',
    ]);
  });

  it('allow only passkeys of their own relying party', () => {
    const [older, newer] = [passkey(), passkey('auth.example.com')];
    expect(requestsFor([older, newer], SITE)).toEqual([
      { rpId: 'auth.example.com', allowed: [newer] },
      { rpId: 'example.com', allowed: [older] },
    ]);
  });
});

describe('the passkey response of a form', () => {
  it.each([
    [{}, ''],
    [{ passkey: '', older_passkey: '' }, ''],
    [{ passkey: 'a', older_passkey: '' }, 'a'],
    [{ passkey: '', older_passkey: 'b' }, 'b'],
    [{ passkey: 'a', older_passkey: 'b' }, 'a'],
  ])('of %j is %j', (given, answer) => {
    expect(passkeyResponse(given)).toBe(answer);
  });
});
