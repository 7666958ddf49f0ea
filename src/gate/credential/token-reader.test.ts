/** Tokens in the Authorization field: what is looked up, what is remembered, and what is counted. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeVault,
  START,
  testUser,
} from '../../../test/support/fakes.ts';
import { fakeThrottle } from '../../../test/support/flow-fakes.ts';
import { presented } from '../../../test/support/presented.ts';
import { basic, testToken, withId } from '../../../test/support/tokens.ts';
import type { Presented } from '../../core/access/visitors.ts';
import { newTokenText, type Token } from '../../core/people/token.ts';
import { networkOf } from '../../core/request/address.ts';
import { createBackgroundWrites } from '../visitor/background-writes.ts';
import { createTokenReader } from './token-reader.ts';

const ACCEPTS = { session: true, basic: true, passwords: false, bearer: true, certificate: false };
const RULE = { free: 3, wait: 5_000, longest: 60_000, window: 60_000 };
const MINUTE = 60_000;

const random = { token: (bytes: number) => randomBytes(bytes).toString('base64url') };

const shown = (field: string | null, clientIp = '192.0.2.7'): Presented => ({
  ...presented(null, clientIp),
  header: (name) => (name === 'authorization' ? field : null),
});

async function world(changes: Partial<Token> = {}) {
  const clock = fakeClock();
  const vault = fakeVault();
  const events = fakeEvents();
  const accounts = fakeAccounts();
  const user = testUser();
  const directory = fakeDirectory(user);
  const throttle = fakeThrottle();
  const { id, text } = newTokenText(random);
  await accounts.createToken(
    testToken({ id, textName: vault.name('token', text), userId: user.id, ...changes }),
  );
  const looked: string[] = [];
  const state = { isCoherent: true, isFull: false };
  const pending: (() => void)[] = [];
  const reader = createTokenReader({
    accounts: {
      ...accounts,
      token(wanted) {
        looked.push(wanted);
        return accounts.token(wanted);
      },
      isCoherent: () => state.isCoherent,
      async useToken(...use) {
        if (state.isFull) throw new Error('the disk is full');
        return accounts.useToken(...use);
      },
    },
    directory,
    vault,
    clock,
    throttle,
    rule: RULE,
    write: createBackgroundWrites(events, (task) => void pending.push(task)),
  });
  const find = async (field: string, clientIp?: string, purpose: 'use' | 'look' = 'use') =>
    reader.find(shown(field, clientIp), purpose, ACCEPTS);
  return {
    accounts,
    clock,
    directory,
    events,
    find,
    id,
    looked,
    pending,
    reader,
    text,
    state,
    throttle,
    user,
    vault,
  };
}

describe('a token', () => {
  it('carries its limits', async () => {
    const { find, id, text, user } = await world({
      routes: ['wiki'],
      methods: ['GET'],
      networks: ['10.0.0.0/8'],
      expiresAt: START + 5,
    });
    expect(await find(`Bearer ${text}`)).toEqual({
      session: null,
      user,
      grant: {
        credential: 'token',
        id,
        scheme: 'bearer',
        expiresAt: START + 5,
        routes: ['wiki'],
        methods: ['GET'],
        networks: [networkOf('10.0.0.0/8')],
      },
    });
  });

  it('fails if a network of it cannot be read, rather than be valid everywhere', async () => {
    const { find, text } = await world({ networks: ['10.0.0.0/99'] });
    await expect(find(`Bearer ${text}`)).rejects.toThrow('not a network');
  });

  it.each(['ann', 'Ann', ' ANN '])('is the password of %j', async (name) => {
    const { find, text } = await world();
    expect(await find(basic(name, text))).toMatchObject({ grant: { scheme: 'basic' } });
  });

  it.each(['', 'bob', 'ann@example.com', 'fake/ann'])('is not the password of %j', async (name) => {
    const { find, text } = await world();
    expect(await find(basic(name, text))).toEqual({ rejected: 'token/other-user' });
  });

  it('is left to other readers where its scheme is not accepted', async () => {
    const { looked, reader, text } = await world();
    const find = (field: string | null, accepts: Partial<typeof ACCEPTS> | null) =>
      reader.find(shown(field), 'use', accepts === null ? null : { ...ACCEPTS, ...accepts });
    expect(find(`Bearer ${text}`, { bearer: false, certificate: false })).toBeUndefined();
    expect(find(basic('ann', text), { basic: false })).toBeUndefined();
    expect(find(`Bearer ${text}`, null)).toBeUndefined();
    expect(find(null, {})).toBeUndefined();
    await find(`Bearer ${text}`, {});
    // Also if it is remembered from a route that accepts it.
    expect(find(`Bearer ${text}`, { bearer: false, certificate: false })).toBeUndefined();
    expect(looked).toHaveLength(1);
  });

  it.each([
    'Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2ln',
    'Bearer ',
    'Bearer',
    'Digest username="ann"',
    basic('ann', 'a password'),
    'Basic !!!!',
    `Basic ${btoa('no colon')}`,
  ])('is not found in %j, which other readers may know', async (field) => {
    const { find, looked } = await world();
    expect(await find(field)).toBeUndefined();
    expect(looked).toEqual([]);
  });

  it('costs no lookup if its checksum does not fit', async () => {
    const { find, looked, text, throttle } = await world();
    for (const wrong of [`${text}a`, text.slice(0, -1), `dwt_${'a'.repeat(40)}`, 'dwt_']) {
      expect(await find(`Bearer ${wrong}`)).toEqual({ rejected: 'token/malformed' });
    }
    expect(looked).toEqual([]);
    expect(throttle.counts.size).toBe(0);
  });

  it('of a user who is gone or disabled is refused without a count', async () => {
    const { directory, find, text, throttle, user } = await world();
    directory.put({ ...user, disabled: true });
    expect(await find(`Bearer ${text}`)).toEqual({ rejected: 'token/no-user' });
    directory.remove(user.id);
    expect(await find(`Bearer ${text}`)).toEqual({ rejected: 'token/no-user' });
    expect(throttle.counts.size).toBe(0);
  });
});

describe('an unknown token', () => {
  it('is looked up once, however often it is sent', async () => {
    const { find, looked, throttle } = await world();
    const { text } = newTokenText(random);
    for (let i = 0; i < 5; i += 1) {
      expect(await find(`Bearer ${text}`)).toEqual({ rejected: 'token/unknown' });
    }
    expect(looked).toHaveLength(1);
    expect([...throttle.counts.values()]).toEqual([1]);
  });

  it('is looked up again after tokens have changed', async () => {
    const { accounts, find, looked, vault } = await world();
    const { id, text } = newTokenText(random);
    expect(await find(`Bearer ${text}`)).toEqual({ rejected: 'token/unknown' });
    const textName = vault.name('token', text);
    await accounts.createToken(testToken({ id, textName, userId: 'fake/ann' }));
    expect(await find(`Bearer ${text}`)).toMatchObject({ grant: { id } });
    expect(looked).toEqual([id, id]);
  });

  it('is refused without a lookup after too many from its network, until a while has passed', async () => {
    const { clock, find, looked, text } = await world();
    const guess = (ip: string) => find(`Bearer ${newTokenText(random).text}`, ip);
    for (let i = 0; i < 3; i += 1) {
      expect(await guess('192.0.2.7')).toEqual({ rejected: 'token/unknown' });
    }
    const throttled = { rejected: 'token/throttled', retryAt: START + 5_000 };
    expect(await guess('192.0.2.7')).toEqual(throttled);
    const before = looked.length;
    expect(await guess('192.0.2.7')).toEqual(throttled);
    expect(await find(`Bearer ${text}`)).toEqual(throttled);
    expect(looked).toHaveLength(before);
    expect(await guess('192.0.2.8')).toEqual({ rejected: 'token/unknown' });
    clock.advance(5_000);
    expect(await find(`Bearer ${text}`)).toMatchObject({ grant: {} });
  });

  it('does not stop a token that is remembered', async () => {
    const { find, text } = await world();
    await find(`Bearer ${text}`);
    for (let i = 0; i < 5; i += 1) await find(`Bearer ${newTokenText(random).text}`);
    expect(await find(`Bearer ${text}`)).toMatchObject({ grant: {} });
  });

  it('does not stop a token in use that must be read again', async () => {
    const { clock, directory, find, text, user } = await world();
    await find(`Bearer ${text}`);
    for (let i = 0; i < 5; i += 1) await find(`Bearer ${newTokenText(random).text}`);
    clock.advance(5 * MINUTE);
    for (let i = 0; i < 5; i += 1) await find(`Bearer ${newTokenText(random).text}`);
    expect(await find(`Bearer ${text}`)).toMatchObject({ grant: {} });
    directory.put({ ...user, groups: ['others'] });
    expect(await find(`Bearer ${text}`)).toMatchObject({ user: { groups: ['others'] } });
  });

  it('counts once for requests that come at the same time', async () => {
    const { find, throttle } = await world();
    const { text } = newTokenText(random);
    await Promise.all(Array.from({ length: 10 }, () => find(`Bearer ${text}`)));
    expect([...throttle.counts.values()]).toEqual([1]);
  });

  it('is one with the id of a token and another secret', async () => {
    const { find, id, text } = await world();
    const { text: other } = newTokenText(random);
    await find(`Bearer ${text}`);
    expect(await find(`Bearer ${withId(other, id)}`)).toEqual({ rejected: 'token/unknown' });
  });
});

describe('memory', () => {
  it('shares a lookup among requests that come at the same time', async () => {
    const { find, looked, text } = await world();
    await Promise.all(Array.from({ length: 10 }, () => find(`Bearer ${text}`)));
    expect(looked).toHaveLength(1);
  });

  it('has at most 16 places for one token, in whatever spelling it is sent', async () => {
    const { find, reader, text } = await world();
    for (let i = 0; i < 20; i += 1) await find(`Bearer${' '.repeat(i + 1)}${text}`);
    expect(reader.remembered()).toBe(16);
  });

  it('keeps nothing that changed while it was read', async () => {
    const { accounts, find, id, looked, text } = await world();
    const found = find(`Bearer ${text}`);
    await accounts.revokeToken(id);
    await found;
    expect(await find(`Bearer ${text}`)).toEqual({ rejected: 'token/unknown' });
    expect(looked).toHaveLength(2);
  });

  it('is not used while changes may be missed', async () => {
    const { find, looked, state, text } = await world();
    await find(`Bearer ${text}`);
    state.isCoherent = false;
    for (let i = 0; i < 3; i += 1) await find(`Bearer ${text}`);
    expect(looked).toHaveLength(4);
  });

  it('is not trusted for longer than five minutes', async () => {
    const { clock, find, looked, text } = await world();
    await find(`Bearer ${text}`);
    clock.advance(5 * MINUTE - 1);
    await find(`Bearer ${text}`);
    expect(looked).toHaveLength(1);
    clock.advance(1);
    await find(`Bearer ${text}`);
    expect(looked).toHaveLength(2);
  });

  it('no longer changes after the end', async () => {
    const { accounts, find, id, reader, text } = await world();
    await find(`Bearer ${text}`);
    reader.close();
    await accounts.revokeToken(id);
    expect(reader.remembered()).toBe(1);
  });
});

const written = async ({ pending }: Pick<Awaited<ReturnType<typeof world>>, 'pending'>) => {
  for (const task of pending.splice(0)) task();
  await new Promise((resolve) => setImmediate(resolve));
};

describe('the last use', () => {
  it('is stored after the reply, at most every minute', async () => {
    const { accounts, clock, find, id, pending, text } = await world();
    const uses = () => accounts.writes.filter((call) => call === 'useToken').length;
    await find(`Bearer ${text}`);
    expect(uses()).toBe(0);
    await written({ pending });
    expect(await accounts.token(id)).toMatchObject({ lastUsedAt: START });
    for (let i = 0; i < 10; i += 1) {
      clock.advance(MINUTE / 10 - 1);
      await find(`Bearer ${text}`);
      await written({ pending });
    }
    expect(uses()).toBe(1);
    clock.advance(10);
    await find(`Bearer ${text}`);
    await written({ pending });
    expect(uses()).toBe(2);
  });

  it('is not that of a check that only looks', async () => {
    const { accounts, find, pending, text } = await world();
    await find(`Bearer ${text}`, '192.0.2.7', 'look');
    await written({ pending });
    expect(accounts.writes).not.toContain('useToken');
  });

  it('that cannot be stored is a fault and no refusal', async () => {
    const { events, find, pending, state, text } = await world();
    state.isFull = true;
    expect(await find(`Bearer ${text}`)).toMatchObject({ grant: {} });
    await written({ pending });
    expect(events.all).toMatchObject([{ type: 'fault', code: 'session/write' }]);
  });
});
