/** The consent part of the account contract, for the store and for its fake. */
import { describe, expect, it } from 'vitest';
import type { Consent } from '../../src/core/people/account.ts';
import { type AccountsWorld, ANN, BOB, eachOnFreshStore } from './accounts-world.ts';

const DAY = 86_400_000;

/** Registers this part of the contract. */
export function consentsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts store consents`, () => {
    const store = eachOnFreshStore(begin);

    const consentOf = (changes: Partial<Consent> = {}): Consent => ({
      userId: ANN,
      route: 'wiki',
      permissions: ['email', 'groups'],
      at: store().world.clock.now(),
      expiresAt: null,
      ...changes,
    });

    it('and return the latest by user and route', async () => {
      await store().accounts.saveConsent(consentOf());
      await store().accounts.saveConsent(
        consentOf({ route: 'board', at: store().world.clock.now() + 1 }),
      );
      const later = consentOf({ permissions: ['email'], at: store().world.clock.now() + 2 });
      await store().accounts.saveConsent(later);
      expect(await store().other.consent(ANN, 'wiki')).toEqual(later);
      expect(await store().other.consent(BOB, 'wiki')).toBeNull();
      expect((await store().other.consents(ANN)).map((c) => c.route)).toEqual(['wiki', 'board']);
    });

    it('until they expire', async () => {
      const consent = consentOf({ expiresAt: store().world.clock.now() + DAY });
      await store().accounts.saveConsent(consent);
      store().world.clock.advance(DAY - 1);
      expect(await store().other.consent(ANN, 'wiki')).toEqual(consent);
      expect(await store().other.consents(ANN)).toEqual([consent]);
      store().world.clock.advance(1);
      expect(await store().other.consent(ANN, 'wiki')).toBeNull();
      expect(await store().other.consents(ANN)).toEqual([]);
      // An expired consent can still be read.
      expect(await store().other.lastConsent(ANN, 'wiki')).toEqual(consent);
      expect(await store().other.lastConsent(BOB, 'wiki')).toBeNull();
    });

    it('until they are revoked, for one user only', async () => {
      for (const route of ['wiki', 'board'])
        await store().accounts.saveConsent(consentOf({ route }));
      await store().accounts.saveConsent(consentOf({ userId: BOB }));
      expect(await store().accounts.removeConsents(ANN)).toBe(2);
      expect(await store().other.lastConsent(ANN, 'wiki')).toBeNull();
      expect(await store().other.consents(ANN)).toEqual([]);
      expect(await store().other.consents(BOB)).toHaveLength(1);
      expect(await store().accounts.removeConsents(ANN)).toBe(0);
    });
  });
}
