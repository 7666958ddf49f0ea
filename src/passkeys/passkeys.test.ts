import { describe, expect, it } from 'vitest';
import { testAuthenticator } from '../../test/support/fake-accounts.ts';
import { softwareAuthenticator, type Tricks } from '../../test/support/software-authenticator.ts';
import {
  creationOptions,
  MAX_PASSKEY_ANSWER,
  passkeyOf,
  type PasskeyExpectation,
  requestOptions,
} from '../core/people/passkey.ts';
import { createPasskeys } from './passkeys.ts';

const challenge = Buffer.alloc(32, 7).toString('base64url');
const expected: PasskeyExpectation = {
  challenge,
  origin: 'https://auth.example.com',
  rpId: 'example.com',
  verified: true,
};
const creation = creationOptions({
  challenge,
  rp: { id: 'example.com', name: 'Doorward' },
  user: { id: 'aGFuZGxl', name: 'ann', displayName: 'Ann' },
  attachment: null,
  residentKey: 'required',
  userVerification: 'required',
  excluded: [],
});
const request = requestOptions({
  challenge,
  rpId: 'example.com',
  userVerification: 'required',
  allowed: [],
});
const passkeys = createPasskeys();

/** A passkey that was set up, as it is stored. */
async function setUp(synced = false) {
  const authenticator = softwareAuthenticator({ synced });
  const made = await passkeys.register(authenticator.create(creation), expected);
  if (made === null) throw new Error('not registered');
  const stored = testAuthenticator({ kind: 'webauthn', handle: made.id, data: made.data });
  return { authenticator, made, stored };
}

const TRICKS: [string, Tricks][] = [
  ['another origin', { origin: 'https://auth.example.com.evil.example' }],
  ['an app of the same domain', { origin: 'https://wiki.example.com' }],
  ['the portal over http', { origin: 'http://auth.example.com' }],
  ['another relying party', { rpId: 'evil.example' }],
  ['another challenge', { challenge: Buffer.alloc(32, 8).toString('base64url') }],
  ['no challenge', { challenge: '' }],
  ['a frame of another site', { crossOrigin: true }],
  ['no user present', { present: false, verified: false }],
  ['an unverified user', { verified: false }],
];

describe('setting up a passkey', () => {
  it('stores what later sign-ins are verified against, and nothing else', async () => {
    const { made, authenticator } = await setUp();
    expect(made.id).toBe(authenticator.credentials[0]?.id);
    expect(made.data).toEqual({
      publicKey: expect.stringMatching(/^[\w-]{60,}$/),
      counter: 1,
      transports: ['hybrid', 'internal'],
      backedUp: false,
    });
  });

  it.each([...TRICKS, ['an answer to a sign-in', { type: 'webauthn.get' }] as const])(
    'refuses %s',
    async (_what, tricks) => {
      const answer = softwareAuthenticator().create(creation, tricks);
      expect(await passkeys.register(answer, expected)).toBeNull();
    },
  );

  it('accepts an unverified user if that suffices', async () => {
    const answer = softwareAuthenticator().create(creation, { verified: false });
    expect(await passkeys.register(answer, { ...expected, verified: false })).not.toBeNull();
  });
});

describe('signing in with a passkey', () => {
  it('accepts a right response and updates the counter', async () => {
    const { authenticator, stored } = await setUp();
    const data = await passkeys.verify(authenticator.get(request), expected, stored);
    expect(data).toEqual({ ...stored.data, counter: 2 });
  });

  it.each([
    ...TRICKS,
    ['the response to a creation', { type: 'webauthn.create' }] as const,
    ['another key', { forged: true }] as const,
  ])('refuses %s', async (_what, tricks) => {
    const { authenticator, stored } = await setUp();
    const answer = authenticator.get(request, tricks);
    expect(await passkeys.verify(answer, expected, stored)).toBeNull();
  });

  it('refuses the response of another passkey', async () => {
    const [mine, other] = [await setUp(), await setUp()];
    const answer = other.authenticator.get(request);
    expect(await passkeys.verify(answer, expected, mine.stored)).toBeNull();
    const renamed = { ...(JSON.parse(answer) as object), id: mine.made.id, rawId: mine.made.id };
    expect(await passkeys.verify(JSON.stringify(renamed), expected, mine.stored)).toBeNull();
  });

  it.each([
    [5, 4],
    [5, 5],
    [5, 0],
  ])('refuses a copy: counted %i before, %i now', async (before, now) => {
    const { authenticator, stored } = await setUp();
    const known = { ...stored, data: { ...stored.data, counter: before } };
    const answer = authenticator.get(request, { counter: now });
    expect(await passkeys.verify(answer, expected, known)).toBeNull();
  });

  it('accepts synced passkeys, which never count', async () => {
    const { authenticator, stored } = await setUp(true);
    for (let time = 0; time < 2; time += 1) {
      const data = await passkeys.verify(authenticator.get(request), expected, stored);
      expect(data).toEqual({ ...stored.data, counter: 0, backedUp: true });
    }
  });

  it('accepts an unverified user if that suffices', async () => {
    const { authenticator, stored } = await setUp();
    const answer = authenticator.get(request, { verified: false });
    const lenient = { ...expected, verified: false };
    expect(await passkeys.verify(answer, lenient, stored)).not.toBeNull();
  });
});

describe('an invalid response', () => {
  it.each([
    '',
    'null',
    '[]',
    '{}',
    '"x"',
    '{"response":null}',
    '{"response":{}}',
    '{"response":{"clientDataJSON":1}}',
    '{"response":{"clientDataJSON":"bnVsbA"}}',
    '{"id":"x","rawId":"x","type":"public-key","response":{"clientDataJSON":"e30"}}',
    `{"response":{"clientDataJSON":"e30"},"x":"${'x'.repeat(MAX_PASSKEY_ANSWER)}"}`,
  ])('is refused without a fault: %s', async (answer) => {
    const { stored } = await setUp();
    expect(await passkeys.register(answer, expected)).toBeNull();
    expect(await passkeys.verify(answer, expected, stored)).toBeNull();
  });

  it('is refused with parts of other types', async () => {
    const { authenticator, stored } = await setUp();
    const right = JSON.parse(authenticator.get(request)) as { response: Record<string, unknown> };
    for (const part of ['authenticatorData', 'signature', 'clientDataJSON']) {
      for (const odd of [null, 7, [], {}, '', '*', 'AAAA']) {
        const answer = JSON.stringify({ ...right, response: { ...right.response, [part]: odd } });
        expect(await passkeys.verify(answer, expected, stored)).toBeNull();
      }
    }
  });

  it('is refused against an invalid stored passkey', async () => {
    const { authenticator, stored } = await setUp();
    const answer = authenticator.get(request);
    const odd = [
      { ...stored, kind: 'totp' as const },
      { ...stored, data: {} },
      { ...stored, data: { ...stored.data, counter: 'x' } },
    ];
    for (const one of odd) expect(await passkeys.verify(answer, expected, one)).toBeNull();
    expect(passkeyOf({ ...stored, data: {} })).toEqual({ id: stored.handle, transports: [] });
  });
});
