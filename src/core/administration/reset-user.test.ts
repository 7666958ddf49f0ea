import { describe, expect, it } from 'vitest';
import { type ResetPart, resetUser } from './reset-user.ts';

/** Accounts that record their calls; `failing` is a call that rejects. */
function fakeAccounts(failing = '') {
  const calls: string[] = [];
  const did = <T>(call: string, result: T): Promise<T> => {
    calls.push(call);
    return call === failing ? Promise.reject(new Error('disk full')) : Promise.resolve(result);
  };
  return {
    calls,
    replaceAuthenticators: (userId: string, kind: string, all: readonly unknown[]) =>
      did(`replace ${userId} ${kind} ${all.length}`, undefined),
    resetFactorTries: (userId: string) => did(`unlock ${userId}`, true),
    forgetDevices: (userId: string) => did(`devices ${userId}`, 1),
    removeConsents: (userId: string) => did(`consents ${userId}`, 1),
  };
}

const CASES: readonly (readonly [ResetPart, readonly string[]])[] = [
  ['totp', ['replace fake/ann totp 0', 'unlock fake/ann']],
  ['passkeys', ['replace fake/ann webauthn 0', 'unlock fake/ann']],
  ['recoveryCodes', ['replace fake/ann recovery_code 0', 'unlock fake/ann']],
  ['emailCodes', ['replace fake/ann email_code 0', 'unlock fake/ann']],
  ['devices', ['devices fake/ann']],
  ['consents', ['consents fake/ann']],
];

describe('resetting a user', () => {
  it.each(CASES)('of %s removes these and nothing else', async (part, calls) => {
    const accounts = fakeAccounts();
    await resetUser(accounts, 'fake/ann', [part]);
    expect(accounts.calls).toEqual(calls);
  });

  it('removes several parts in order, and nothing without parts', async () => {
    const accounts = fakeAccounts();
    await resetUser(accounts, 'fake/ann', []);
    expect(accounts.calls).toEqual([]);
    await resetUser(accounts, 'fake/ann', ['consents', 'totp', 'devices']);
    expect(accounts.calls).toEqual([
      'consents fake/ann',
      'replace fake/ann totp 0',
      'unlock fake/ann',
      'devices fake/ann',
    ]);
  });

  it('fails if a part cannot be removed, and leaves the lock of factors that remain', async () => {
    const accounts = fakeAccounts('replace fake/ann totp 0');
    await expect(resetUser(accounts, 'fake/ann', ['totp', 'devices'])).rejects.toThrow('disk full');
    expect(accounts.calls).toEqual(['replace fake/ann totp 0']);
  });
});
