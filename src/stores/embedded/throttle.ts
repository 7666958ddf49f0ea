/** Tries in the state file: counted and judged in one transaction, so that races cannot slip past. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Throttle } from '../../core/values/system.ts';
import type { Database } from './database.ts';
import { type Tries, takeTry } from './tries.ts';

type Row = { taken: number; retry_at: number; forget_at: number };

/** The counters of one state file. */
export function embeddedThrottle(db: Database, tools: Pick<AdapterTools, 'vault'>): Throttle {
  const byKey = db.prepare('SELECT taken, retry_at, forget_at FROM tries WHERE key = ?');
  const put = db.prepare(
    'INSERT OR REPLACE INTO tries (key, taken, retry_at, forget_at) VALUES (?, ?, ?, ?)',
  );
  const giveBack = db.prepare(
    'UPDATE tries SET taken = max(taken - 1, 0), retry_at = 0 WHERE key = ?',
  );
  const forget = db.prepare('DELETE FROM tries WHERE key = ?');
  // Keys hold what people typed: bounded, and not readable in the file.
  const nameOf = (key: string): string => tools.vault.name('throttle', key);
  return {
    take(key, rule, now) {
      const name = nameOf(key);
      return db.write(() => {
        const row = byKey.get(name) as Row | undefined;
        const before: Tries | null =
          row === undefined
            ? null
            : { taken: row.taken, retryAt: row.retry_at, forgetAt: row.forget_at };
        const { allowed, tries } = takeTry(before, rule, now);
        if (allowed) put.run(name, tries.taken, tries.retryAt, tries.forgetAt);
        return { allowed, retryAt: tries.retryAt };
      });
    },
    async release(key, how) {
      const name = nameOf(key);
      await db.write(() => (how === 'all' ? forget : giveBack).run(name));
    },
  };
}
