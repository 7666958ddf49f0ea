import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { NOON } from '../../../test/support/policy-input.ts';
import { aQuery, gathered, signalTools } from '../../../test/support/signal-query.ts';
import { DEVICE_KNOWN_FOR } from '../../core/people/account.ts';
import { device } from './signal.ts';

const OWN = 'd'.repeat(22);
const OTHER = 'e'.repeat(22);

async function ask(changes: Parameters<typeof aQuery>[0]) {
  const accounts = fakeAccounts();
  await accounts.rememberDevice('embedded/u1', {
    device: OWN,
    agent: 'Firefox',
    now: NOON - 5_000,
    factorAt: null,
  });
  await accounts.rememberDevice('embedded/u1', {
    device: OWN,
    agent: 'Firefox',
    now: NOON - 1_000,
    factorAt: null,
  });
  await accounts.rememberDevice('embedded/u2', {
    device: OTHER,
    agent: 'Firefox',
    now: NOON - 1_000,
    factorAt: null,
  });
  return gathered(device, {}, aQuery(changes), signalTools({ accounts }));
}

describe('device', () => {
  it('returns since when this browser has signed this user in', async () => {
    const times = { firstAt: NOON - 5_000, lastAt: NOON - 1_000 };
    expect(await ask({ device: OWN })).toEqual(times);
  });

  it('knows no browser without a cookie, with the cookie of another user, or after 90 days', async () => {
    expect(await ask({ device: null })).toBeNull();
    expect(await ask({ device: OTHER })).toBeNull();
    expect(await ask({ device: OWN, now: NOON + DEVICE_KNOWN_FOR })).toBeNull();
  });

  it('has no value without a user', async () => {
    expect(await ask({ device: OWN, user: null })).toBeUndefined();
  });
});
