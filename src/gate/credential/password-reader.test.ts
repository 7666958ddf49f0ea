/** Passwords in the Authorization field: which are checked, what is remembered, and for how long. */
import { describe, expect, it } from 'vitest';
import { fakeAccounts, testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { fakeClock, fakeDirectory, fakeVault, testUser } from '../../../test/support/fakes.ts';
import { presented } from '../../../test/support/presented.ts';
import { basic } from '../../../test/support/tokens.ts';
import type { Presented } from '../../core/access/visitors.ts';
import type { CheckPassword, PasswordCheck } from '../../core/proof/basic-password.ts';
import type { Accepts } from '../../core/routes/accepts.ts';
import { createPasswordReader } from './password-reader.ts';

const ACCEPTS: Accepts = {
  session: true,
  basic: true,
  passwords: true,
  bearer: true,
  certificate: false,
};
const MINUTE = 60_000;

const shown = (field: string | null, clientIp: string): Presented => ({
  ...presented(null),
  clientIp,
  header: (name) => (name === 'authorization' ? field : null),
});

function world() {
  const clock = fakeClock();
  const user = testUser();
  const directory = fakeDirectory(user);
  const accounts = fakeAccounts();
  const checked: string[] = [];
  const state: { result: PasswordCheck | null; wait: Promise<void> } = {
    result: null,
    wait: Promise.resolve(),
  };
  const check: CheckPassword = async ({ login, password }) => {
    checked.push(`${login}:${password}`);
    await state.wait;
    return state.result ?? (password === 'right' ? { user } : { refused: 'wrong' });
  };
  const names: string[] = [];
  const vault = fakeVault();
  const reader = createPasswordReader({
    accounts,
    check,
    clock,
    directory,
    vault: {
      memoryName(purpose, value) {
        names.push(value);
        return vault.memoryName(purpose, value);
      },
    },
  });
  const find = (field: string | null, accepts: Accepts | null = ACCEPTS, clientIp = '192.0.2.1') =>
    reader.find(shown(field, clientIp), 'use', accepts);
  return { accounts, checked, clock, directory, find, names, reader, state, user };
}

describe('a password', () => {
  it('identifies its user, and is believed for a minute', async () => {
    const { checked, clock, find, reader, user } = world();
    const visitor = {
      session: null,
      user,
      grant: {
        credential: 'basic',
        id: user.id,
        scheme: 'basic',
        expiresAt: null,
        routes: [],
        methods: [],
        networks: [],
      },
    };
    expect(await find(basic('ann', 'right'))).toEqual(visitor);
    // Another spelling of the same field is the same password.
    expect(find(basic('ann', 'right').replace('Basic ', 'BASIC  '))).toEqual(visitor);
    clock.advance(MINUTE - 1);
    expect(find(basic('ann', 'right'))).not.toBeInstanceOf(Promise);
    expect(checked).toHaveLength(1);
    clock.advance(1);
    await find(basic('ann', 'right'));
    expect(checked).toHaveLength(2);
    expect(reader.remembered()).toBe(1);
  });

  it('is checked once for requests at the same time', async () => {
    const { checked, find } = world();
    const all = Array.from({ length: 100 }, async () => find(basic('ann', 'right')));
    expect(await Promise.all(all)).toHaveLength(100);
    expect(checked).toHaveLength(1);
  });

  it('is believed only at the address where it was checked', async () => {
    const { checked, find } = world();
    await find(basic('ann', 'right'));
    await find(basic('ann', 'right'), ACCEPTS, '192.0.2.2');
    expect(checked).toHaveLength(2);
    expect(find(basic('ann', 'right'))).not.toBeInstanceOf(Promise);
  });

  it('is checked again after a guess at the same address, also one that is under way', async () => {
    const { checked, find, state } = world();
    await find(basic('ann', 'right'));
    state.result = { refused: 'throttled', retryAt: 5 };
    const throttled = { rejected: 'password/throttled', retryAt: 5 };
    const guess = find(basic('ann', 'guess'));
    expect(await find(basic('ann', 'right'))).toEqual(throttled);
    expect(await guess).toEqual(throttled);
    expect(checked).toHaveLength(3);
    // Another name is another user, and a repeated guess is no new one.
    state.result = null;
    await find(basic('ann', 'old'));
    await find(basic('ann', 'right'));
    await find(basic('ann', 'old'));
    await find(basic('bob', 'guess'));
    expect(find(basic('ann', 'right'))).not.toBeInstanceOf(Promise);
  });

  it('is checked again once its user has changed', async () => {
    const { checked, directory, find, state } = world();
    await find(basic('ann', 'right'));
    state.result = { refused: 'wrong' };
    directory.announce('fake/ann');
    expect(await find(basic('ann', 'right'))).toEqual({ rejected: 'password/wrong' });
    expect(checked).toHaveLength(2);
  });

  it('is checked again once its user has another factor', async () => {
    const { accounts, checked, find, state } = world();
    await find(basic('ann', 'right'));
    state.result = { refused: 'second-factor' };
    await accounts.addAuthenticator(testAuthenticator({ userId: 'fake/ann' }));
    expect(await find(basic('ann', 'right'))).toEqual({ rejected: 'password/second-factor' });
    expect(checked).toHaveLength(2);
  });

  it('is not remembered if its user changes while it is checked', async () => {
    const { directory, find, state, reader } = world();
    const { promise, resolve } = Promise.withResolvers<void>();
    state.wait = promise;
    const found = find(basic('ann', 'right'));
    directory.announce('fake/ann');
    resolve();
    await found;
    expect(reader.remembered()).toBe(0);
  });

  it('is checked with every request while the directory may miss changes', async () => {
    const { checked, directory, find } = world();
    directory.coherent = false;
    await find(basic('ann', 'right'));
    await find(basic('ann', 'right'));
    expect(checked).toHaveLength(2);
  });

  it('that is wrong is checked once a minute, and again when users change', async () => {
    const { checked, clock, directory, find } = world();
    for (let i = 0; i < 3; i += 1) {
      expect(await find(basic('ann', 'old'))).toEqual({ rejected: 'password/wrong' });
    }
    expect(checked).toHaveLength(1);
    await find(basic('bob', 'old'));
    expect(checked).toHaveLength(2);
    clock.advance(MINUTE);
    await find(basic('ann', 'old'));
    directory.announce('fake/ann');
    await find(basic('ann', 'old'));
    expect(checked).toHaveLength(4);
  });

  it('says why it is refused, and forgets the reason', async () => {
    const { checked, find, state } = world();
    for (const refused of ['expired', 'second-factor'] as const) {
      state.result = { refused };
      expect(await find(basic('ann', 'right'))).toEqual({ rejected: `password/${refused}` });
    }
    state.result = { refused: 'throttled', retryAt: 5 };
    expect(await find(basic('ann', 'right'))).toEqual({
      rejected: 'password/throttled',
      retryAt: 5,
    });
    expect(checked).toHaveLength(3);
  });

  it('does not lie in memory in clear', async () => {
    const { find, names } = world();
    await find(basic('ann', 'right'));
    expect(names).toEqual(['ann\0right']);
  });

  it('counts only where the path accepts it', async () => {
    const { checked, find } = world();
    const field = basic('ann', 'right');
    await find(field);
    expect(find(field, { ...ACCEPTS, passwords: false })).toBeUndefined();
    expect(find(field, null)).toBeUndefined();
    for (const other of [null, 'Bearer right', 'Digest x', 'Basic ???', `${field}, ${field}`]) {
      expect(find(other)).toBeUndefined();
    }
    expect(checked).toHaveLength(1);
  });
});
