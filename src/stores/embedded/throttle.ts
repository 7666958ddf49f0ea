/** Tries in the state file: counted and limited in one transaction, so parallel tries cannot exceed the limit. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Throttle } from '../../core/values/system.ts';
import type { Database } from '../../database/database.ts';
import { integer } from '../../database/rows.ts';
import { command, query, type Row } from '../../database/sql.ts';
import { type Tries, takeTry } from './tries.ts';

const BY_KEY = query('SELECT taken, retry_at, forget_at FROM tries WHERE key = ?', triesOf);
const PUT = command(
  'INSERT OR REPLACE INTO tries (key, taken, retry_at, forget_at) VALUES (?, ?, ?, ?)',
);
const GIVE_BACK = command('UPDATE tries SET taken = max(taken - 1, 0), retry_at = 0 WHERE key = ?');
const FORGET = command('DELETE FROM tries WHERE key = ?');

/** The counters of one state file. */
export function embeddedThrottle(db: Database, tools: Pick<AdapterTools, 'vault'>): Throttle {
  // Keys contain what users typed: names of them are bounded, and unreadable in the file.
  const nameOf = (key: string): string => tools.vault.name('throttle', key);
  return {
    take(key, rule, now) {
      const name = nameOf(key);
      return db.write(function* () {
        const { allowed, tries } = takeTry(yield* BY_KEY.first(name), rule, now);
        if (allowed) yield* PUT(name, tries.taken, tries.retryAt, tries.forgetAt);
        return { allowed, retryAt: tries.retryAt };
      });
    },
    async release(key, how) {
      const name = nameOf(key);
      await db.write(() => (how === 'all' ? FORGET(name) : GIVE_BACK(name)));
    },
  };
}

function triesOf(row: Row): Tries {
  return {
    taken: integer(row, 'taken'),
    retryAt: integer(row, 'retry_at'),
    forgetAt: integer(row, 'forget_at'),
  };
}
