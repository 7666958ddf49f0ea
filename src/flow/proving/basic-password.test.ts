/** Passwords outside of flows: counted as sign-ins are, and never a second way in. */
import { describe, expect, it } from 'vitest';
import { fakeAccounts, testAuthenticator } from '../../../test/support/fake-accounts.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeVault,
  testUser,
} from '../../../test/support/fakes.ts';
import { fakeThrottle } from '../../../test/support/flow-fakes.ts';
import { AUTHENTICATOR_KINDS } from '../../core/people/account.ts';
import { Problem } from '../../core/values/problem.ts';
import { createPasswordCheck } from './basic-password.ts';

function world() {
  const directory = fakeDirectory(testUser());
  const accounts = fakeAccounts();
  const events = fakeEvents();
  const clock = fakeClock();
  const throttle = fakeThrottle();
  const verified: (string | null)[] = [];
  const scores: string[] = [];
  const check = createPasswordCheck({
    accounts,
    clock,
    events,
    directories: {
      ...directory,
      verifyPassword(id, password, login) {
        verified.push(id);
        return directory.verifyPassword(id, password, login);
      },
    },
    stores: {
      throttle,
      scores: {
        add: async (key) => scores.push(key),
        read: async () => [],
      },
    },
    vault: fakeVault(),
    hashingFor: (_ip, _device, task) => task(),
  });
  const shown = (login: string, password: string, clientIp = '192.0.2.7') =>
    check({ login, password, clientIp });
  return { accounts, clock, directory, events, scores, shown, throttle, verified };
}

describe('a password in an Authorization field', () => {
  it('identifies its user', async () => {
    const { shown, events } = world();
    expect(await shown('ann', 'right')).toEqual({ user: testUser() });
    expect(events.all).toMatchObject([
      { type: 'sign-in', flow: '', method: 'password', result: 'right', requestId: null },
    ]);
  });

  it.each([
    ['ann', 'wrong', ['fake/ann']],
    ['unknown', 'right', [null]],
    // A mail address is no username here.
    ['', 'right', [null]],
    ['ann', '', []],
    ['a'.repeat(255), 'right', []],
    ['ann', 'x'.repeat(1025), []],
  ])('is wrong, at the usual cost: %s', async (login, password, hashed) => {
    const { shown, verified } = world();
    expect(await shown(login, password)).toEqual({ refused: 'wrong' });
    expect(verified).toEqual(hashed);
  });

  it('of a disabled user is wrong', async () => {
    const { directory, shown } = world();
    directory.put(testUser({ disabled: true }));
    expect(await shown('ann', 'right')).toEqual({ refused: 'wrong' });
  });

  it.each(AUTHENTICATOR_KINDS)('is not enough for a user with %s', async (kind) => {
    const { accounts, shown } = world();
    accounts.all.authenticators.push(testAuthenticator({ kind }));
    expect(await shown('ann', 'right')).toEqual({ refused: 'second-factor' });
    // Nothing is said to a party that does not know the password.
    expect(await shown('ann', 'wrong')).toEqual({ refused: 'wrong' });
  });

  it('is counted by login, account and address on the counters of sign-ins', async () => {
    const { scores, shown, throttle } = world();
    await shown('ann', 'wrong');
    const keys = [...throttle.counts.keys()].map((key) => key.replace(/:[^:]*$/, ''));
    expect(keys).toEqual(expect.arrayContaining(['account:password', 'address:password']));
    expect([...throttle.counts.keys()].some((key) => key.startsWith('typed:password:'))).toBe(true);
    expect(scores).toHaveLength(3);
  });

  it('is not checked after too many wrong ones, from anywhere', async () => {
    const { clock, shown, verified } = world();
    for (let i = 0; i < 5; i += 1) await shown('ann', `wrong ${i}`);
    expect(await shown('ann', 'right', '198.51.100.1')).toEqual({
      refused: 'throttled',
      retryAt: clock.now() + 30_000,
    });
    expect(verified).toHaveLength(5);
    clock.advance(30_001);
    expect(await shown('ann', 'right')).toEqual({ user: testUser() });
  });

  it('that could not be checked is no wrong one', async () => {
    const { directory, shown, throttle } = world();
    directory.verifyPassword = () =>
      Promise.reject(new Problem('passwords/busy', 'Too many.', { status: 503 }));
    await expect(shown('ann', 'right')).rejects.toMatchObject({
      code: 'passwords/busy',
      status: 503,
    });
    const typed = [...throttle.counts].find(([key]) => key.startsWith('typed:'));
    expect(typed?.[1]).toBe(0);
  });

  it('that must be changed first says so', async () => {
    const { directory, shown } = world();
    directory.verifyPassword = async () => 'expired';
    expect(await shown('ann', 'right')).toEqual({ refused: 'expired' });
  });
});
