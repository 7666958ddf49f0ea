/** The part of the account contract about sign-ins, for the store and for its fake. */
import { describe, expect, it } from 'vitest';
import { MOST_SIGN_INS, type SignIn } from '../../src/core/people/account.ts';
import { type AccountsWorld, ANN, BOB, eachOnFreshStore, newId } from './accounts-world.ts';

const DAY = 86_400_000;

/** Registers this part of the contract. */
export function signInsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts record sign-ins`, () => {
    const store = eachOnFreshStore(begin);

    const signIn = (changes: Partial<SignIn> = {}): SignIn => ({
      userId: ANN,
      at: store().world.clock.now(),
      ip: '2001:db8::7',
      device: newId(),
      ...changes,
    });

    it('of each user, newest first, even if the clock went back', async () => {
      const made = [signIn(), signIn({ at: store().world.clock.now() - DAY, device: null })];
      for (const one of made) await store().accounts.recordSignIn(one);
      await store().accounts.recordSignIn(signIn({ userId: BOB, ip: '192.0.2.7' }));
      expect(await store().other.signIns(ANN)).toEqual(made.toReversed());
      expect((await store().other.signIns(BOB)).map(({ ip }) => ip)).toEqual(['192.0.2.7']);
      for (const unknown of ['', '%', '\0', '__proto__']) {
        expect(await store().other.signIns(unknown)).toEqual([]);
      }
    });

    it('up to ten per user, dropping the oldest', async () => {
      const made = Array.from({ length: 13 }, () => signIn());
      await store().accounts.recordSignIn(signIn({ userId: BOB }));
      for (const one of made) await store().accounts.recordSignIn(one);
      expect(MOST_SIGN_INS).toBe(10);
      expect(await store().other.signIns(ANN)).toEqual(made.slice(-10).toReversed());
      expect(await store().other.signIns(BOB)).toHaveLength(1);
    });

    it('until the user is deleted, and keep those of others', async () => {
      for (const userId of [ANN, BOB]) await store().accounts.recordSignIn(signIn({ userId }));
      await store().accounts.forgetUser(ANN);
      expect(await store().other.signIns(ANN)).toEqual([]);
      expect(await store().other.signIns(BOB)).toHaveLength(1);
    });
  });
}
