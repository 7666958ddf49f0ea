/** Scores in the state file: read and changed in one transaction, so no simultaneous change is lost. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import {
  addTo,
  SCORE_KEPT,
  type Score,
  type Scores,
  currentScore,
} from '../../core/people/score.ts';
import type { Database } from '../../database/database.ts';
import { integer } from '../../database/rows.ts';
import { command, query, type Row } from '../../database/sql.ts';

const BY_KEY = query('SELECT value, at FROM scores WHERE key = ?', scoreOf);
const PUT = command(
  'INSERT OR REPLACE INTO scores (key, value, at, forget_at) VALUES (?, ?, ?, ?)',
);

/** The scores of one state file. */
export function embeddedScores(db: Database, tools: Pick<AdapterTools, 'vault'>): Scores {
  // Keys contain what users typed: names of them are bounded, and unreadable in the file.
  const nameOf = (key: string): string => tools.vault.name('score', key);
  return {
    add(key, by, now) {
      const name = nameOf(key);
      return db.write(function* () {
        const { value, at } = addTo(yield* BY_KEY.first(name), by, now);
        yield* PUT(name, value, at, now + SCORE_KEPT);
        return value;
      });
    },
    read: (keys, now) =>
      db.read(function* () {
        const values: number[] = [];
        for (const key of keys) {
          values.push(currentScore(yield* BY_KEY.first(nameOf(key)), now).value);
        }
        return values;
      }),
  };
}

function scoreOf(row: Row): Score {
  return { value: integer(row, 'value'), at: integer(row, 'at') };
}
