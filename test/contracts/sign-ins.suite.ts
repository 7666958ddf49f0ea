/** What is kept of sign-ins: for the store of accounts and for its fake alike. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Accounts, MOST_SIGN_INS, type SignIn } from '../../src/core/people/account.ts';
import { type AccountsWorld, newId } from './accounts.suite.ts';

const DAY = 86_400_000;
const ANN = 'embedded/ann';
const BOB = 'file/{*}\n\0 Zoë';

/** Runs this part of the contract. */
export function signInsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts keep sign-ins`, () => {
    let world: AccountsWorld;
    let accounts: Accounts;
    let other: Accounts;
    beforeEach(async () => {
      world = await begin();
      accounts = await world.open();
      other = await world.open();
    });
    afterEach(() => world.end());

    const signIn = (changes: Partial<SignIn> = {}): SignIn => ({
      userId: ANN,
      at: world.clock.now(),
      ip: '2001:db8::7',
      device: newId(),
      ...changes,
    });

    it('of each user, newest first, also where a clock went back', async () => {
      const made = [signIn(), signIn({ at: world.clock.now() - DAY, device: null })];
      for (const one of made) await accounts.recordSignIn(one);
      await accounts.recordSignIn(signIn({ userId: BOB, ip: '192.0.2.7' }));
      expect(await other.signIns(ANN)).toEqual(made.toReversed());
      expect((await other.signIns(BOB)).map(({ ip }) => ip)).toEqual(['192.0.2.7']);
      for (const nobody of ['', '%', '\0', '__proto__']) {
        expect(await other.signIns(nobody)).toEqual([]);
      }
    });

    it('at most ten of a user; the oldest makes room', async () => {
      const made = Array.from({ length: 13 }, () => signIn());
      await accounts.recordSignIn(signIn({ userId: BOB }));
      for (const one of made) await accounts.recordSignIn(one);
      expect(MOST_SIGN_INS).toBe(10);
      expect(await other.signIns(ANN)).toEqual(made.slice(-10).toReversed());
      expect(await other.signIns(BOB)).toHaveLength(1);
    });

    it('until the user is deleted, and nobody else’s go with them', async () => {
      for (const userId of [ANN, BOB]) await accounts.recordSignIn(signIn({ userId }));
      await accounts.forgetUser(ANN);
      expect(await other.signIns(ANN)).toEqual([]);
      expect(await other.signIns(BOB)).toHaveLength(1);
    });
  });
}
