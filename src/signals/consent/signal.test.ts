import { describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { NOON } from '../../../test/support/policy-input.ts';
import { aQuery, gathered, signalTools } from '../../../test/support/signal-query.ts';
import type { Consent } from '../../core/people/account.ts';
import { consent } from './signal.ts';

const GIVEN: Consent = {
  userId: 'embedded/u1',
  route: 'wiki',
  permissions: ['email', 'groups'],
  at: NOON - 5_000,
  expiresAt: null,
};

async function ask(changes: Parameters<typeof aQuery>[0], given: Partial<Consent> = {}) {
  const accounts = fakeAccounts();
  await accounts.saveConsent({ ...GIVEN, ...given });
  const tools = signalTools({ accounts });
  return gathered(consent, {}, aQuery({ route: { id: 'wiki' }, ...changes }), tools);
}

describe('consent', () => {
  it('returns what this user has allowed this app', async () => {
    const permissions = ['email', 'groups'];
    expect(await ask({})).toEqual({ permissions, expiresAt: null });
  });

  it('includes expired consents, with their expiry', async () => {
    expect(await ask({}, { expiresAt: 1 })).toMatchObject({ expiresAt: 1 });
  });

  it('returns that this user never allowed anything, or not to this app', async () => {
    expect(await ask({}, { userId: 'embedded/u2' })).toBeNull();
    expect(await ask({}, { route: 'board' })).toBeNull();
  });

  it('has no value without a user or an app', async () => {
    expect(await ask({ user: null })).toBeUndefined();
    expect(await ask({ route: null })).toBeUndefined();
  });
});
