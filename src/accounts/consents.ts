/** Permissions that users gave to apps. An expired consent counts as never given. */
import type { Accounts, Consent } from '../core/people/account.ts';
import type { Clock } from '../core/values/system.ts';
import type { Database } from '../database/database.ts';
import { integer, integerOrNull, text, texts } from '../database/rows.ts';
import { command, query, type Row } from '../database/sql.ts';
import { checkConsent, MOST_CONSENTS } from './limits.ts';

/** The part of the store that knows consents. */
export type Consents = Pick<
  Accounts,
  'consent' | 'lastConsent' | 'consents' | 'saveConsent' | 'removeConsents'
>;

const COLUMNS = 'user_id, route, permissions, at, expires_at';
const CURRENT = '(expires_at IS NULL OR expires_at > ?)';

const ONE = query(
  `SELECT ${COLUMNS} FROM consents WHERE user_id = ? AND route = ? AND ${CURRENT}`,
  consentOf,
);
const LAST = query(`SELECT ${COLUMNS} FROM consents WHERE user_id = ? AND route = ?`, consentOf);
const LIST = query(
  `SELECT ${COLUMNS} FROM consents WHERE user_id = ? AND ${CURRENT} ORDER BY at DESC, route`,
  consentOf,
);
const PUT = command(
  `INSERT INTO consents (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)
   ON CONFLICT (user_id, route) DO UPDATE SET permissions = ?3, at = ?4, expires_at = ?5`,
);
const REMOVE = command('DELETE FROM consents WHERE user_id = ?');
const TRIM = command(
  `DELETE FROM consents WHERE user_id = ?1 AND route NOT IN (
     SELECT route FROM consents WHERE user_id = ?1
     ORDER BY route = ?2 DESC, at DESC LIMIT ${MOST_CONSENTS})`,
);

/** The consents of one database. */
export function consentsTable(db: Database, clock: Clock): Consents {
  return {
    consent: (userId, route) => db.read(() => ONE.first(userId, route, clock.now())),
    lastConsent: (userId, route) => db.read(() => LAST.first(userId, route)),
    consents: (userId) => db.read(() => LIST.all(userId, clock.now())),
    async saveConsent(consent) {
      const permissions = checkConsent(consent);
      const { userId, route, at, expiresAt } = consent;
      await db.write(function* () {
        yield* PUT(userId, route, permissions, at, expiresAt);
        yield* TRIM(userId, route);
      });
    },
    removeConsents: (userId) => db.write(() => REMOVE(userId)),
  };
}

function consentOf(row: Row): Consent {
  return {
    userId: text(row, 'user_id'),
    route: text(row, 'route'),
    permissions: texts(row, 'permissions'),
    at: integer(row, 'at'),
    expiresAt: integerOrNull(row, 'expires_at'),
  };
}
