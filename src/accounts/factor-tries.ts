/**
 * Wrong second factors in a row, one counter per user. A try is counted before it is judged, so that no
 * number of tries at once gets past the bound. Only a success or an administrator starts the count again.
 */
import { type Accounts, MOST_FACTOR_FAILURES } from '../core/people/account.ts';
import type { Database } from './database.ts';
import { checkFactorTry } from './limits.ts';

/** The part of the store that counts tries at second factors. */
export type FactorTries = Pick<
  Accounts,
  'factorLock' | 'takeFactorTry' | 'returnFactorTry' | 'resetFactorTries'
>;

/** The counters of one file. */
export function factorTriesTable(db: Database): FactorTries {
  const lock = db.prepare('SELECT at FROM factor_tries WHERE user_id = ? AND taken >= ?');
  const take = db.prepare(
    `INSERT INTO factor_tries (user_id, taken, at) VALUES (?1, 1, ?2)
     ON CONFLICT DO UPDATE SET taken = taken + 1, at = ?2 WHERE taken < ?3 RETURNING taken`,
  );
  const giveBack = db.prepare(
    'UPDATE factor_tries SET taken = taken - 1 WHERE user_id = ? AND taken > 0',
  );
  const reset = db.prepare('DELETE FROM factor_tries WHERE user_id = ? RETURNING taken');
  return {
    async factorLock(userId) {
      const row = db.read(() => lock.get(userId, MOST_FACTOR_FAILURES));
      return (row as { at: number } | undefined)?.at ?? null;
    },
    async takeFactorTry(userId, at) {
      checkFactorTry(userId, at);
      const row = await db.write(() => take.get(userId, at, MOST_FACTOR_FAILURES));
      return (row as { taken: number } | undefined)?.taken ?? 0;
    },
    async returnFactorTry(userId) {
      await db.write(() => giveBack.run(userId));
    },
    async resetFactorTries(userId) {
      const row = await db.write(() => reset.get(userId));
      return ((row as { taken: number } | undefined)?.taken ?? 0) >= MOST_FACTOR_FAILURES;
    },
  };
}
