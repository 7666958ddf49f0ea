/** The part of the account contract about past passwords, for the store and for its fake. */
import { describe, expect, it } from 'vitest';
import { MOST_PASSWORDS } from '../../src/core/people/account.ts';
import { type AccountsWorld, ANN, BOB, eachOnFreshStore } from './accounts-world.ts';

/** Registers this part of the contract. */
export function passwordsContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts store past passwords`, () => {
    const store = eachOnFreshStore(begin);

    it('newest first, as many as requested, regardless of the clock', async () => {
      for (const [i, at] of [1_000, 3_000, 2_000].entries()) {
        await store().accounts.rememberPassword(ANN, `hash ${i}`, at);
      }
      expect(await store().other.passwordHashes(ANN, 9)).toEqual(['hash 2', 'hash 1', 'hash 0']);
      expect(await store().other.passwordHashes(ANN, 2)).toEqual(['hash 2', 'hash 1']);
      expect(await store().other.passwordHashes(ANN, 0)).toEqual([]);
    });

    it('separately for each user', async () => {
      await store().accounts.rememberPassword(ANN, 'a', 1);
      await store().accounts.rememberPassword(BOB, 'b', 1);
      expect(await store().accounts.passwordHashes(ANN, 9)).toEqual(['a']);
      expect(await store().accounts.passwordHashes(BOB, 9)).toEqual(['b']);
      for (const unknown of ['', '*', '%', '__proto__', 'embedded/an']) {
        expect(await store().accounts.passwordHashes(unknown, 9)).toEqual([]);
      }
    });

    it('up to a limit, dropping the oldest', async () => {
      for (let i = 0; i < MOST_PASSWORDS + 3; i += 1) {
        await store().accounts.rememberPassword(ANN, `hash ${i}`, i);
      }
      const hashes = await store().accounts.passwordHashes(ANN, 1_000);
      expect(hashes).toHaveLength(MOST_PASSWORDS);
      expect(hashes.at(-1)).toBe('hash 3');
    });

    it('until their user is deleted', async () => {
      await store().accounts.rememberPassword(ANN, 'a', 1);
      await store().accounts.rememberPassword(BOB, 'b', 1);
      await store().accounts.forgetUser(ANN);
      expect(await store().other.passwordHashes(ANN, 9)).toEqual([]);
      expect(await store().other.passwordHashes(BOB, 9)).toEqual(['b']);
    });
  });
}
