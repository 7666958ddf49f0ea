/**
 * Which sessions have ended, kept outside the session store: a record restored into that store (by an
 * attacker, a failover or a backup) stays dead. Never deletes an ending that still counts.
 */
import {
  type Accounts,
  type Ending,
  LONGEST_ENDING,
  MOST_ENDINGS,
} from '../../core/people/account.ts';
import type { Database } from '../../database/database.ts';
import { integer, textOrNull } from '../../database/rows.ts';
import { command, exists, query, type Steps } from '../../database/sql.ts';
import { checkEnding } from '../limits.ts';

/** The part of the store that knows endings. */
export type Endings = Pick<
  Accounts,
  'hasEnded' | 'sessionsValidFrom' | 'recordEnding' | 'moveSessionsValidFrom'
>;

/** The user id of the row that counts for all users. */
const ALL = '';
/** Expired endings removed with each new one. */
const PIECE = 100;

const FLOORS = query(
  'SELECT valid_from, spared FROM session_floors WHERE user_id IN (?, ?)',
  (row) => ({ validFrom: integer(row, 'valid_from'), spared: textOrNull(row, 'spared') }),
);
const IS_ENDED = exists('SELECT 1 FROM ended_sessions WHERE id = ?');
const HIGHEST = query('SELECT coalesce(max(valid_from), 0) AS at FROM session_floors', (row) =>
  integer(row, 'at'),
);
const VALID_FROM = query(
  'SELECT coalesce(max(valid_from), 0) AS at FROM session_floors WHERE user_id IN (?, ?)',
  (row) => integer(row, 'at'),
);
/** The later of two times: a limit never moves back. */
const RAISED = `valid_from = CASE WHEN session_floors.valid_from > ?2 THEN session_floors.valid_from ELSE ?2 END`;
const MOVE = command(
  `INSERT INTO session_floors (user_id, valid_from, spared) VALUES (?1, ?2, ?3)
   ON CONFLICT (user_id) DO UPDATE SET ${RAISED}, spared = ?3`,
);
const RAISE = command(
  `INSERT INTO session_floors (user_id, valid_from, spared) VALUES (?1, ?2, NULL)
   ON CONFLICT (user_id) DO UPDATE SET ${RAISED},
     spared = CASE WHEN EXISTS (SELECT 1 FROM ended_sessions WHERE id = session_floors.spared)
       THEN NULL ELSE session_floors.spared END`,
);
const INSERT = command(
  `INSERT INTO ended_sessions (id, user_id, at, until) VALUES (?, ?, ?, ?)
   ON CONFLICT (id) DO NOTHING`,
);
const SWEEP = command(
  `DELETE FROM ended_sessions WHERE id IN (
     SELECT id FROM ended_sessions WHERE until <= ? LIMIT ${PIECE})`,
);
const BEYOND = query(
  `SELECT at FROM ended_sessions WHERE user_id = ?
   ORDER BY at DESC LIMIT 1 OFFSET ${MOST_ENDINGS}`,
  (row) => integer(row, 'at'),
);
const TRIM = command('DELETE FROM ended_sessions WHERE user_id = ? AND at <= ?');

/** The endings of one database. */
export function endingsTable(db: Database): Endings {
  return {
    hasEnded: ({ id, userId, issuedAt, createdAt }) =>
      db.read(function* () {
        if (yield* IS_ENDED(id)) return true;
        const floors = yield* FLOORS.all(ALL, userId);
        const since = issuedAt ?? createdAt;
        return floors.some(({ validFrom, spared }) => since < validFrom && spared !== id);
      }),
    sessionsValidFrom: async (userId) => (await db.read(() => VALID_FROM.first(ALL, userId))) ?? 0,
    async recordEnding(ending) {
      checkEnding(ending);
      await db.write(() => record(ending), { ending: true });
    },
    async moveSessionsValidFrom(userId, at, exceptId) {
      await db.write(() => moveValidFrom(userId ?? ALL, at, exceptId ?? null), { ending: true });
    },
  };
}

/** Ends all sessions of a user. Always moves forward: sessions issued under the current limit, at a later time than `at`, end as well. */
export function* moveValidFrom(userId: string, at: number, spared: string | null): Steps<void> {
  const current = userId === ALL ? HIGHEST.first() : VALID_FROM.first(ALL, userId);
  yield* MOVE(userId, Math.max(at, ((yield* current) ?? 0) + 1), spared);
}

function* record({ id, userId, at, until }: Ending): Steps<void> {
  yield* SWEEP(at);
  yield* INSERT(id, userId, at, Math.min(until, at + LONGEST_ENDING));
  if (userId === ALL) return;
  // Endings beyond the limit are covered by the user's `valid_from` instead: older sessions end early,
  // none comes back. A spared session that has ended since must not be spared any longer.
  const oldest = yield* BEYOND.first(userId);
  if (oldest === null) return;
  yield* RAISE(userId, oldest + 1);
  yield* TRIM(userId, oldest);
}
