/** JSON Web Tokens in the Authorization field: which are verified, and what is remembered. */
import { describe, expect, it } from 'vitest';
import {
  fakeClock,
  fakeDirectory,
  fakeVault,
  START,
  testUser,
} from '../../../test/support/fakes.ts';
import { fakeThrottle } from '../../../test/support/flow-fakes.ts';
import { testClaims, testIssuer } from '../../../test/support/jwt.ts';
import { presented } from '../../../test/support/presented.ts';
import { testLive, testSnapshot } from '../../../test/support/snapshot.ts';
import { networkOf } from '../../core/request/address.ts';
import type { Presented } from '../../core/access/visitors.ts';
import type { JwtFault } from '../../core/people/token.ts';
import type { Issuer } from '../../core/proof/jwt.ts';
import type { Accepts } from '../../core/routes/accepts.ts';
import { createJwtReader } from './jwt-reader.ts';

const ACCEPTS: Accepts = {
  session: true,
  basic: true,
  passwords: true,
  bearer: true,
  certificate: false,
};
const MINUTE = 60_000;

const RULE = { free: 3, wait: 5_000, longest: 60_000, window: 60_000 };

const shown = (field: string | null, clientIp = '192.0.2.7'): Presented => ({
  ...presented(null, clientIp),
  header: (name) => (name === 'authorization' ? field : null),
});

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenWith = (claims: Readonly<Record<string, unknown>> = {}) =>
  `${encoded({ alg: 'ES256' })}.${encoded(testClaims(claims))}.c2ln`;

function world(...issuers: readonly Issuer[]) {
  const clock = fakeClock();
  const user = testUser();
  const directory = fakeDirectory(user);
  const live = testLive(testSnapshot({ issuers }));
  const verified: string[] = [];
  const state: { fault: JwtFault | null; error: Error | null; keys: number } = {
    fault: null,
    error: null,
    keys: 0,
  };
  const reader = createJwtReader({
    live,
    clock,
    directory,
    vault: fakeVault(),
    throttle: fakeThrottle(),
    rule: RULE,
    verifier: {
      async verify(_, { name }) {
        verified.push(name);
        if (state.error !== null) throw state.error;
        return state.fault;
      },
      keysVersion: () => state.keys,
    },
  });
  const find = (field: string | null, accepts: Accepts | null = ACCEPTS, clientIp?: string) =>
    reader.find(shown(field, clientIp), 'use', accepts);
  const from = async (clientIp: string, claims: Readonly<Record<string, unknown>>) =>
    find(`Bearer ${tokenWith(claims)}`, ACCEPTS, clientIp);
  return { clock, directory, find, from, live, reader, state, user, verified };
}

describe('a JSON Web Token', () => {
  it('stands for a user, with the limits and groups of its issuer', async () => {
    const { find, user } = world(
      testIssuer({
        groups: ['ci'],
        routes: ['wiki'],
        methods: ['GET'],
        networks: [networkOf('10.0.0.0/8')],
      }),
    );
    expect(await find(`Bearer ${tokenWith()}`)).toEqual({
      session: null,
      user: { ...user, groups: [...user.groups, 'ci'] },
      grant: {
        credential: 'jwt',
        id: 'ci repo:org/app',
        scheme: 'bearer',
        expiresAt: START + 61 * MINUTE,
        routes: ['wiki'],
        methods: ['GET'],
        networks: [networkOf('10.0.0.0/8')],
      },
    });
  });

  it('is verified once in five minutes, and no more than once at a time', async () => {
    const { clock, find, reader, verified } = world(testIssuer());
    const field = `bearer ${tokenWith()}`;
    await Promise.all(Array.from({ length: 50 }, async () => find(field)));
    expect(find(field)).not.toBeInstanceOf(Promise);
    clock.advance(5 * MINUTE - 1);
    expect(find(field)).not.toBeInstanceOf(Promise);
    expect(verified).toHaveLength(1);
    clock.advance(1);
    await find(field);
    expect(verified).toHaveLength(2);
    expect(reader.remembered()).toBe(1);
  });

  it('ends a minute after its expiry, though it is remembered', async () => {
    const { clock, find } = world(testIssuer());
    const field = `Bearer ${tokenWith({ exp: START / 1000 + 60 })}`;
    await find(field);
    clock.advance(2 * MINUTE - 1);
    expect(find(field)).toMatchObject({ grant: { credential: 'jwt' } });
    clock.advance(1);
    expect(await find(field)).toEqual({ rejected: 'jwt/expired' });
  });

  it('is judged again when its user or the configuration changes', async () => {
    const { directory, find, live, user, verified } = world(testIssuer());
    const field = `Bearer ${tokenWith()}`;
    await find(field);
    live.current = testSnapshot({ issuers: [testIssuer({ claims: [['ref', ['main']]] })] });
    expect(await find(field)).toEqual({ rejected: 'jwt/claims' });
    live.current = testSnapshot({ issuers: [testIssuer()] });
    await find(field);
    expect(verified).toHaveLength(2);
    directory.announce(user.id);
    await find(field);
    expect(verified).toHaveLength(3);
    directory.put({ ...user, disabled: true });
    expect(await find(field)).toEqual({ rejected: 'jwt/no-user' });
  });

  it('is verified again as soon as an issuer has other keys', async () => {
    const { find, state, verified } = world(testIssuer());
    const field = `Bearer ${tokenWith()}`;
    await find(field);
    state.keys += 1;
    state.fault = 'jwt/key';
    expect(await find(field)).toEqual({ rejected: 'jwt/key' });
    expect(verified).toHaveLength(2);
  });

  it('is judged again if keys or configuration change while it is verified', async () => {
    const { find, live, state, verified } = world(testIssuer());
    const field = `Bearer ${tokenWith()}`;
    const first = find(field);
    state.keys += 1;
    await first;
    expect(verified).toHaveLength(2);
    const other = `Bearer ${tokenWith({ jti: 1 })}`;
    const old = find(other);
    live.current = testSnapshot({ issuers: [testIssuer({ claims: [['ref', ['main']]] })] });
    expect(await Promise.all([find(other), old])).toEqual([
      { rejected: 'jwt/claims' },
      { rejected: 'jwt/claims' },
    ]);
  });

  it('decides alone, even if it is of an unknown issuer or malformed', async () => {
    const { find, verified } = world(testIssuer());
    expect(await find(`Bearer ${tokenWith({ iss: 'https://other' })}`)).toEqual({
      rejected: 'jwt/issuer',
    });
    expect(await find('Bearer a.b.c')).toEqual({ rejected: 'jwt/malformed' });
    expect(verified).toEqual([]);
  });

  it('fails with its issuer, rather than count as wrong', async () => {
    const { find, state } = world(testIssuer());
    state.error = new Error('down');
    await expect(find(`Bearer ${tokenWith()}`)).rejects.toThrow('down');
    state.error = null;
    expect(await find(`Bearer ${tokenWith()}`)).toMatchObject({ session: null });
  });

  it('is left to others where it does not count', async () => {
    const { find, verified } = world(testIssuer());
    const token = tokenWith();
    await find(`Bearer ${token}`);
    expect(
      find(`Bearer ${token}`, { ...ACCEPTS, bearer: false, certificate: false }),
    ).toBeUndefined();
    expect(find(`Bearer ${token}`, null)).toBeUndefined();
    const long = tokenWith({ pad: 'x'.repeat(8192) });
    for (const field of [null, token, `Token ${token}`, `Bearer ${token},`, `Bearer ${long}`]) {
      expect(find(field)).toBeUndefined();
    }
    expect(world().find(`Bearer ${token}`)).toBeUndefined();
    expect(verified).toHaveLength(1);
  });
});

describe('a forged token', () => {
  it('is verified once in five seconds, however often it is sent', async () => {
    const { clock, find, state, verified } = world(testIssuer());
    state.fault = 'jwt/key';
    const field = `Bearer ${tokenWith()}`;
    for (let i = 0; i < 20; i += 1) expect(await find(field)).toEqual({ rejected: 'jwt/key' });
    expect(verified).toHaveLength(1);
    clock.advance(5_000);
    state.fault = null;
    expect(await find(field)).toMatchObject({ session: null });
  });

  it('is not counted again when it is sent again', async () => {
    const { clock, from, state } = world(testIssuer());
    state.fault = 'jwt/key';
    for (let i = 0; i < 20; i += 1) {
      expect(await from('192.0.2.7', {})).toEqual({ rejected: 'jwt/key' });
      clock.advance(5_000);
    }
  });

  it.each(['jwt/signature', 'jwt/key'] as const)(
    'is refused unverified after too many from its network (%s), until a while has passed',
    async (fault) => {
      const { clock, from, state, verified } = world(testIssuer());
      state.fault = fault;
      for (const jti of [1, 2, 3]) {
        expect(await from('192.0.2.7', { jti })).toEqual({ rejected: fault });
      }
      const throttled = { rejected: 'token/throttled', retryAt: START + 5_000 };
      expect(await from('192.0.2.7', { jti: 4 })).toEqual(throttled);
      expect(await from('192.0.2.7', { jti: 5 })).toEqual(throttled);
      expect(verified).toHaveLength(4);
      state.fault = null;
      expect(await from('192.0.2.8', { jti: 6 })).toMatchObject({ session: null });
      clock.advance(5_000);
      expect(await from('192.0.2.7', { jti: 7 })).toMatchObject({ session: null });
    },
  );

  it('keeps out no token that was good before, remembered or not', async () => {
    const { directory, from, state, user } = world(testIssuer());
    await from('192.0.2.7', { jti: 'good' });
    state.fault = 'jwt/signature';
    for (const jti of [1, 2, 3, 4, 5]) await from('192.0.2.7', { jti });
    expect(await from('192.0.2.7', { jti: 'good' })).toMatchObject({ session: null });
    directory.announce(user.id);
    state.fault = null;
    expect(await from('192.0.2.7', { jti: 'good' })).toMatchObject({ session: null });
    expect(await from('192.0.2.7', { jti: 6 })).toMatchObject({ rejected: 'token/throttled' });
  });

  it('is only one whose signature was checked', async () => {
    const { from } = world(testIssuer());
    for (let jti = 0; jti < 10; jti += 1) {
      expect(await from('192.0.2.7', { jti, exp: 1 })).toEqual({ rejected: 'jwt/expired' });
      expect(await from('192.0.2.7', { jti, aud: 'other' })).toEqual({ rejected: 'jwt/audience' });
    }
  });
});

describe('memory', () => {
  it('has at most 1,000 tokens of an issuer from one address, and 2,500 in all', async () => {
    const { from, reader, verified } = world(testIssuer());
    for (let jti = 0; jti < 1_001; jti += 1) await from('192.0.2.1', { jti });
    expect(reader.remembered()).toBe(1_000);
    await from('192.0.2.1', { jti: 1_000 });
    expect(verified).toHaveLength(1_001);
    await from('192.0.2.1', { jti: 0 });
    expect(verified).toHaveLength(1_002);
    for (const clientIp of ['192.0.2.2', '192.0.2.3']) {
      for (let jti = 0; jti < 1_000; jti += 1) await from(clientIp, { jti, of: clientIp });
    }
    expect(reader.remembered()).toBe(2_500);
  });

  it('of one issuer displaces none of another', async () => {
    const other = testIssuer({ name: 'cd', issuer: 'https://cd.example.com' });
    const { from, verified } = world(testIssuer(), other);
    await from('192.0.2.9', { iss: other.issuer });
    for (let at = 0; at < 6_000; at += 1) await from(`192.0.2.${at % 8}`, { jti: at });
    const before = verified.length;
    await from('192.0.2.9', { iss: other.issuer });
    expect(verified).toHaveLength(before);
  });
});
