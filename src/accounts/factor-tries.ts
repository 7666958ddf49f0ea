/**
 * Wrong second factors in a row, one counter per user. A try is counted before it is checked, so
 * parallel tries cannot exceed the limit. Only a success or an administrator resets the counter.
 */
import { type Accounts, MOST_FACTOR_FAILURES } from '../core/people/account.ts';
import type { Database } from '../database/database.ts';
import { integer } from '../database/rows.ts';
import { command, query } from '../database/sql.ts';
import { checkFactorTry } from './limits.ts';

/** The part of the store that counts tries at second factors. */
export type FactorTries = Pick<
  Accounts,
  'factorLock' | 'takeFactorTry' | 'returnFactorTry' | 'resetFactorTries'
>;

const LOCK = query('SELECT at FROM factor_tries WHERE user_id = ? AND taken >= ?', (row) =>
  integer(row, 'at'),
);
const TAKE = query(
  `INSERT INTO factor_tries (user_id, taken, at) VALUES (?1, 1, ?2)
   ON CONFLICT (user_id) DO UPDATE SET taken = factor_tries.taken + 1, at = ?2
     WHERE factor_tries.taken < ?3
   RETURNING taken`,
  (row) => integer(row, 'taken'),
);
const GIVE_BACK = command(
  'UPDATE factor_tries SET taken = taken - 1 WHERE user_id = ? AND taken > 0',
);
const RESET = query('DELETE FROM factor_tries WHERE user_id = ? RETURNING taken', (row) =>
  integer(row, 'taken'),
);

/** The counters of one database. */
export function factorTriesTable(db: Database): FactorTries {
  return {
    factorLock: (userId) => db.read(() => LOCK.first(userId, MOST_FACTOR_FAILURES)),
    async takeFactorTry(userId, at) {
      checkFactorTry(userId, at);
      return (await db.write(() => TAKE.first(userId, at, MOST_FACTOR_FAILURES))) ?? 0;
    },
    async returnFactorTry(userId) {
      await db.write(() => GIVE_BACK(userId));
    },
    async resetFactorTries(userId) {
      const taken = (await db.write(() => RESET.first(userId))) ?? 0;
      return taken >= MOST_FACTOR_FAILURES;
    },
  };
}
