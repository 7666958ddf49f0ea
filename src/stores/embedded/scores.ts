/** Scores in the state file: read and changed in one transaction, so that none of many at once is lost. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { Scores } from '../../core/people/score.ts';
import { addTo, SCORE_KEPT, type Score, standing } from '../../core/people/score.ts';
import type { Database } from './database.ts';

/** The scores of one state file. */
export function embeddedScores(db: Database, tools: Pick<AdapterTools, 'vault'>): Scores {
  const byKey = db.prepare('SELECT value, at FROM scores WHERE key = ?');
  const put = db.prepare(
    'INSERT OR REPLACE INTO scores (key, value, at, forget_at) VALUES (?, ?, ?, ?)',
  );
  // Keys hold what people typed: bounded, and not readable in the file.
  const nameOf = (key: string): string => tools.vault.name('score', key);
  const scoreOf = (name: string): Score | null => (byKey.get(name) as Score | undefined) ?? null;
  return {
    add(key, by, now) {
      const name = nameOf(key);
      return db.write(() => {
        const { value, at } = addTo(scoreOf(name), by, now);
        put.run(name, value, at, now + SCORE_KEPT);
        return value;
      });
    },
    async read(keys, now) {
      const names = keys.map(nameOf);
      return db.read(() => names.map((name) => standing(scoreOf(name), now).value));
    },
  };
}
