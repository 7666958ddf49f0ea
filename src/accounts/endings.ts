/**
 * Which sessions have ended, kept outside the session store: a record that is put back into that
 * store (by an attacker, a failover or a backup) stays dead. Never deletes an ending that still counts.
 */
import { type Accounts, LONGEST_ENDING, MOST_ENDINGS } from '../core/people/account.ts';
import type { Database } from './database.ts';
import { checkEnding } from './limits.ts';

/** The part of the store that knows endings. */
export type Endings = Pick<
  Accounts,
  'hasEnded' | 'sessionsValidFrom' | 'recordEnding' | 'moveSessionsValidFrom'
>;

/** The row that counts for all users. */
const ALL = '';
/** Expired endings removed with each new one. */
const PIECE = 100;

/** The endings of one file. */
export function endingsTable(db: Database): Endings {
  const floors = db.prepare(
    'SELECT valid_from, spared FROM session_floors WHERE user_id IN (?, ?)',
  );
  const ended = db.prepare('SELECT 1 FROM ended_sessions WHERE id = ?');
  const validFrom = db.prepare(
    'SELECT coalesce(max(valid_from), 0) AS at FROM session_floors WHERE user_id IN (?, ?)',
  );
  const move = db.prepare(
    `INSERT INTO session_floors (user_id, valid_from, spared) VALUES (?1, ?2, ?3)
     ON CONFLICT DO UPDATE SET valid_from = max(valid_from, ?2), spared = ?3`,
  );
  const raise = db.prepare(
    `INSERT INTO session_floors (user_id, valid_from, spared) VALUES (?1, ?2, NULL)
     ON CONFLICT DO UPDATE SET valid_from = max(valid_from, ?2),
       spared = iif(spared IN (SELECT id FROM ended_sessions), NULL, spared)`,
  );
  const insert = db.prepare(
    `INSERT INTO ended_sessions (id, user_id, at, until) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT DO NOTHING`,
  );
  const sweep = db.prepare(
    `DELETE FROM ended_sessions WHERE id IN (
       SELECT id FROM ended_sessions WHERE until <= ? LIMIT ${PIECE})`,
  );
  const beyond = db.prepare(
    `SELECT at FROM ended_sessions WHERE user_id = ?
     ORDER BY at DESC LIMIT 1 OFFSET ${MOST_ENDINGS}`,
  );
  const trim = db.prepare('DELETE FROM ended_sessions WHERE user_id = ? AND at <= ?');

  return {
    async hasEnded({ id, userId, issuedAt, createdAt }) {
      const since = issuedAt ?? createdAt;
      return db.read(() => {
        if (ended.get(id) !== undefined) return true;
        const rows = floors.all(ALL, userId) as { valid_from: number; spared: string | null }[];
        return rows.some((row) => since < row.valid_from && row.spared !== id);
      });
    },
    async sessionsValidFrom(userId) {
      return db.read(() => (validFrom.get(ALL, userId) as { at: number }).at);
    },
    async recordEnding({ id, userId, at, until }) {
      checkEnding(id, userId, at, until);
      const keep = (): void => {
        sweep.run(at);
        insert.run(id, userId, at, Math.min(until, at + LONGEST_ENDING));
        if (userId === ALL) return;
        // What makes room is covered by the user's `valid_from` instead: older sessions end early, none comes back.
        // A session that was spared and has ended since must not be spared any longer.
        const oldest = beyond.get(userId) as { at: number } | undefined;
        if (oldest === undefined) return;
        raise.run(userId, oldest.at + 1);
        trim.run(userId, oldest.at);
      };
      await db.write(keep, { ending: true });
    },
    async moveSessionsValidFrom(userId, at, exceptId) {
      await db.write(() => move.run(userId ?? ALL, at, exceptId ?? null), { ending: true });
    },
  };
}
