/** Single use in the state file: one insert, so that of many at once one is the first. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Marks } from '../../core/values/system.ts';
import type { Database } from './database.ts';

/** The marks of one state file. */
export function embeddedMarks(db: Database, tools: Pick<AdapterTools, 'clock' | 'vault'>): Marks {
  const { clock, vault } = tools;
  // A mark that is over and not yet swept away is taken anew, as if it were gone.
  const take = db.prepare(
    `INSERT INTO marks (key, until) VALUES (?1, ?2)
     ON CONFLICT (key) DO UPDATE SET until = ?2 WHERE until <= ?3`,
  );
  return {
    async take(key, until) {
      const now = clock.now();
      const end = Math.ceil(until);
      // What could not be kept would not be single use.
      if (!(end > now)) return false;
      const name = vault.name('mark', key);
      // On the disk first: a code that was spent must not be good again after a power cut.
      const done = await db.write(() => take.run(name, end, now), { lasting: true });
      return done.changes === 1;
    },
  };
}
