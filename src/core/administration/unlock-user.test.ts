import { describe, expect, it } from 'vitest';
import { fakeVault, START, testUser } from '../../../test/support/fakes.ts';
import type { KnownDevice, SignIn } from '../people/account.ts';
import { accountCounter, deviceCounter, typedCounter, typedName } from '../proof/proof-counters.ts';
import { endWaits, unlockFactors } from './unlock-user.ts';

const vault = fakeVault();
const FOUND = { since: null, wasLocked: false, devices: ['laptop'], addresses: ['192.0.2.7'] };

/** Accounts of a user with one known device and one sign-in. */
function fakeAccounts(lockedSince: number | null) {
  const device: KnownDevice = {
    userId: 'fake/ann',
    device: 'laptop',
    agent: 'test',
    firstAt: START,
    lastAt: START,
    factorAt: null,
  };
  const signIn: SignIn = { userId: 'fake/ann', at: START, ip: '192.0.2.7', device: 'laptop' };
  let since = lockedSince;
  return {
    factorLock: () => Promise.resolve(since),
    devices: (): Promise<readonly KnownDevice[]> => Promise.resolve([device]),
    signIns: (): Promise<readonly SignIn[]> => Promise.resolve([signIn]),
    resetFactorTries() {
      const wasLocked = since !== null;
      since = null;
      return Promise.resolve(wasLocked);
    },
  };
}

/** Records the counters that are released completely. */
function fakeThrottle() {
  const released: string[] = [];
  return {
    released,
    take: () => Promise.resolve({ allowed: true, retryAt: 0 }),
    release(key: string, how: 'one' | 'all') {
      if (how === 'all') released.push(key);
      return Promise.resolve();
    },
  };
}

describe('unlocking the second factors of a user', () => {
  it.each([
    ['locked', START - 60_000, true],
    ['not locked', null, false],
  ])('reports that they were %s', async (_, since, wasLocked) => {
    const accounts = fakeAccounts(since);
    expect(await unlockFactors(accounts, 'fake/ann', START)).toEqual({
      ...FOUND,
      since,
      wasLocked,
    });
    expect(await accounts.factorLock()).toBeNull();
  });

  it.each(['devices', 'signIns'] as const)('keeps the lock if %s cannot be read', async (name) => {
    const accounts = fakeAccounts(START);
    const broken = { ...accounts, [name]: () => Promise.reject(new Error('sealed')) };
    await expect(unlockFactors(broken, 'fake/ann', START)).rejects.toThrow('sealed');
    expect(await accounts.factorLock()).toBe(START);
  });
});

describe('ending the waits of an account', () => {
  const ann = { id: 'fake/ann', name: 'ann', user: testUser() };

  it('covers the account, its known devices, its name and its email address', async () => {
    const throttle = fakeThrottle();
    await endWaits({ throttle, vault }, ann, FOUND);
    expect(throttle.released).toEqual(
      expect.arrayContaining([
        accountCounter('password', 'fake/ann', ''),
        deviceCounter('totp', 'fake/ann', 'laptop', ''),
        typedCounter('password', typedName(vault, 'ann'), ''),
        typedCounter('recovery_code', typedName(vault, 'ANN@example.com'), ''),
      ]),
    );
  });

  it('leaves the waits of other users', async () => {
    const throttle = fakeThrottle();
    await endWaits({ throttle, vault }, ann, FOUND);
    const own = /fake\/ann|login:ann(@example\.com)?(:|$)/;
    expect(throttle.released.filter((key) => !own.test(key))).toEqual([]);
  });

  it('covers what is known of a deleted user', async () => {
    const throttle = fakeThrottle();
    const gone = { id: 'fake/ann', name: 'fake/ann', user: null };
    await endWaits({ throttle, vault }, gone, FOUND);
    expect(throttle.released).toContain(accountCounter('password', 'fake/ann', ''));
    expect(throttle.released.filter((key) => key.startsWith('typed:'))).toEqual([]);
  });

  it('fails if the store does not answer', async () => {
    const throttle = { ...fakeThrottle(), release: () => Promise.reject(new Error('down')) };
    await expect(endWaits({ throttle, vault }, ann, FOUND)).rejects.toThrow('down');
  });
});
