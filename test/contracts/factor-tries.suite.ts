/**
 * The part of the account contract that counts wrong second factors, for the store and for its
 * fake.
 */
import { describe, expect, it } from 'vitest';
import { MOST_FACTOR_FAILURES } from '../../src/core/people/account.ts';
import { type AccountsWorld, ANN, BOB, eachOnFreshStore } from './accounts-world.ts';

/** Registers this part of the contract. */
export function factorTriesContract(kind: string, begin: () => Promise<AccountsWorld>): void {
  describe(`${kind} accounts count wrong second factors`, () => {
    const store = eachOnFreshStore(begin);

    const take = async (times: number, userId = ANN, at = 1): Promise<number[]> => {
      const numbers: number[] = [];
      for (let i = 0; i < times; i += 1)
        numbers.push(await store().accounts.takeFactorTry(userId, at));
      return numbers;
    };

    it('per user, one after the other, up to a hundred', async () => {
      expect(MOST_FACTOR_FAILURES).toBe(100);
      expect(await take(99)).toEqual(Array.from({ length: 99 }, (_, i) => i + 1));
      expect(await store().other.factorLock(ANN)).toBeNull();
      expect(await store().other.takeFactorTry(ANN, 7)).toBe(100);
      expect(await take(2, ANN, 9)).toEqual([0, 0]);
      expect(await store().other.factorLock(ANN)).toBe(7);
      expect(await store().other.factorLock(BOB)).toBeNull();
      expect(await take(1, BOB)).toEqual([1]);
      for (const unknown of ['', '%', '\0', '__proto__']) {
        expect(await store().other.factorLock(unknown)).toBeNull();
      }
    });

    it('so that fifty concurrent tries get only the remaining ones, each with its own number', async () => {
      await take(97);
      const all = Array.from({ length: 50 }, (_, i) =>
        (i % 2 === 0 ? store().accounts : store().other).takeFactorTry(ANN, 2),
      );
      const taken = (await Promise.all(all)).filter((number) => number > 0);
      expect(taken.sort((a, b) => a - b)).toEqual([98, 99, 100]);
    });

    it('from zero after a success, which reports whether there was a lock', async () => {
      await take(99);
      expect(await store().other.resetFactorTries(ANN)).toBe(false);
      await take(100);
      expect(await store().other.resetFactorTries(ANN)).toBe(true);
      expect(await store().other.resetFactorTries(ANN)).toBe(false);
      expect(await store().accounts.factorLock(ANN)).toBeNull();
      expect(await take(1)).toEqual([1]);
    });

    it('except those that were refunded', async () => {
      await store().accounts.returnFactorTry(ANN);
      await take(100);
      await store().accounts.returnFactorTry(ANN);
      expect(await store().accounts.factorLock(ANN)).toBeNull();
      expect(await take(2)).toEqual([100, 0]);
    });

    it('until the user is deleted, and keep those of others', async () => {
      await take(100);
      await take(100, BOB);
      await store().accounts.forgetUser(ANN);
      expect(await store().other.factorLock(ANN)).toBeNull();
      expect(await store().other.factorLock(BOB)).not.toBeNull();
    });

    it('separately for each user', async () => {
      const code = 'factor/shape';
      await expect(store().accounts.takeFactorTry('', 1)).rejects.toMatchObject({ code });
    });
  });
}
