/** JSON Web Tokens in the Authorization field: which are verified, and what is remembered. */
import { describe, expect, it } from 'vitest';
import {
  fakeClock,
  fakeDirectory,
  fakeVault,
  START,
  testUser,
} from '../../../test/support/fakes.ts';
import { testClaims, testIssuer } from '../../../test/support/jwt.ts';
import { presented } from '../../../test/support/presented.ts';
import { testLive, testSnapshot } from '../../../test/support/snapshot.ts';
import { networkOf } from '../../core/request/address.ts';
import type { Presented } from '../../core/access/visitors.ts';
import type { JwtFault } from '../../core/people/token.ts';
import type { Issuer } from '../../core/proof/jwt.ts';
import type { Accepts } from '../../core/routes/accepts.ts';
import { createJwtReader } from './jwt-reader.ts';

const ACCEPTS: Accepts = { session: true, basic: true, passwords: true, bearer: true };
const MINUTE = 60_000;

const shown = (field: string | null): Presented => ({
  ...presented(null),
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
  const state: { fault: JwtFault | null; error: Error | null } = { fault: null, error: null };
  const reader = createJwtReader({
    live,
    clock,
    directory,
    vault: fakeVault(),
    async verify(_, { name }) {
      verified.push(name);
      if (state.error !== null) throw state.error;
      return state.fault;
    },
  });
  const find = (field: string | null, accepts: Accepts | null = ACCEPTS) =>
    reader.find(shown(field), 'use', accepts);
  return { clock, directory, find, live, reader, state, user, verified };
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
    const { directory, find, live, state, user, verified } = world(testIssuer());
    const field = `Bearer ${tokenWith()}`;
    await find(field);
    live.current = testSnapshot({ issuers: [testIssuer({ claims: [['ref', ['main']]] })] });
    expect(await find(field)).toEqual({ rejected: 'jwt/claims' });
    live.current = testSnapshot({ issuers: [testIssuer()] });
    await find(field);
    expect(verified).toHaveLength(2);
    state.fault = 'jwt/signature';
    directory.announce(user.id);
    expect(await find(field)).toEqual({ rejected: 'jwt/signature' });
    directory.put({ ...user, disabled: true });
    state.fault = null;
    expect(await find(field)).toEqual({ rejected: 'jwt/no-user' });
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
    expect(find(`Bearer ${token}`, { ...ACCEPTS, bearer: false })).toBeUndefined();
    expect(find(`Bearer ${token}`, null)).toBeUndefined();
    const long = tokenWith({ pad: 'x'.repeat(8192) });
    for (const field of [null, token, `Token ${token}`, `Bearer ${token},`, `Bearer ${long}`]) {
      expect(find(field)).toBeUndefined();
    }
    expect(world().find(`Bearer ${token}`)).toBeUndefined();
    expect(verified).toHaveLength(1);
  });
});
