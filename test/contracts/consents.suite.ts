/** What is kept of what people allowed apps: for the store of accounts and for its fake alike. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Accounts, Consent } from '../../src/core/people/account.ts';
import type { AccountsWorld } from './accounts.suite.ts';

const DAY = 86_400_000;
const ANN = 'embedded/ann';
const BOB = 'file/{*}\n\0 Zoë';

/** Runs this part of the contract. */
export function consentsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts keep consents`, () => {
    let world: AccountsWorld;
    let accounts: Accounts;
    let other: Accounts;
    beforeEach(async () => {
      world = await begin();
      accounts = await world.open();
      other = await world.open();
    });
    afterEach(() => world.end());

    const consentOf = (changes: Partial<Consent> = {}): Consent => ({
      userId: ANN,
      route: 'wiki',
      permissions: ['email', 'groups'],
      at: world.clock.now(),
      expiresAt: null,
      ...changes,
    });

    it('by user and route, the last word', async () => {
      await accounts.saveConsent(consentOf());
      await accounts.saveConsent(consentOf({ route: 'board', at: world.clock.now() + 1 }));
      const later = consentOf({ permissions: ['email'], at: world.clock.now() + 2 });
      await accounts.saveConsent(later);
      expect(await other.consent(ANN, 'wiki')).toEqual(later);
      expect(await other.consent(BOB, 'wiki')).toBeNull();
      expect((await other.consents(ANN)).map((c) => c.route)).toEqual(['wiki', 'board']);
    });

    it('until they expire', async () => {
      const consent = consentOf({ expiresAt: world.clock.now() + DAY });
      await accounts.saveConsent(consent);
      world.clock.advance(DAY - 1);
      expect(await other.consent(ANN, 'wiki')).toEqual(consent);
      expect(await other.consents(ANN)).toEqual([consent]);
      world.clock.advance(1);
      expect(await other.consent(ANN, 'wiki')).toBeNull();
      expect(await other.consents(ANN)).toEqual([]);
      // What it was can still be told.
      expect(await other.lastConsent(ANN, 'wiki')).toEqual(consent);
      expect(await other.lastConsent(BOB, 'wiki')).toBeNull();
    });

    it('until they are taken back, from one user and no other', async () => {
      for (const route of ['wiki', 'board']) await accounts.saveConsent(consentOf({ route }));
      await accounts.saveConsent(consentOf({ userId: BOB }));
      expect(await accounts.removeConsents(ANN)).toBe(2);
      expect(await other.lastConsent(ANN, 'wiki')).toBeNull();
      expect(await other.consents(ANN)).toEqual([]);
      expect(await other.consents(BOB)).toHaveLength(1);
      expect(await accounts.removeConsents(ANN)).toBe(0);
    });
  });
}
