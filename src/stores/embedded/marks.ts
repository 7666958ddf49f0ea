/** Single use: one insert, so that of many simultaneous attempts exactly one is the first. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Marks } from '../../core/values/system.ts';
import type { Database } from '../../database/database.ts';
import { command } from '../../database/sql.ts';

// An expired mark that has not been swept yet is taken again, as if it were gone.
const TAKE = command(
  `INSERT INTO marks (key, until) VALUES (?1, ?2)
   ON CONFLICT (key) DO UPDATE SET until = ?2 WHERE until <= ?3`,
);

/** The marks of one state file. */
export function embeddedMarks(db: Database, tools: Pick<AdapterTools, 'clock' | 'vault'>): Marks {
  const { clock, vault } = tools;
  return {
    async take(key, until) {
      const now = clock.now();
      const end = Math.ceil(until);
      // A mark that cannot be stored would not be single use.
      if (!(end > now)) return false;
      const name = vault.name('mark', key);
      // On the disk first: a spent code must not be valid again after a power cut.
      return (await db.write(() => TAKE(name, end, now), { lasting: true })) === 1;
    },
  };
}
