/** Permissions that people gave to apps. What has expired is as if it had never been given. */
import type { Accounts, Consent } from '../core/people/account.ts';
import type { Clock } from '../core/values/system.ts';
import type { Database } from './database.ts';
import { checkConsent, MOST_CONSENTS } from './limits.ts';

type Row = {
  user_id: string;
  route: string;
  permissions: string;
  at: number;
  expires_at: number | null;
};

const COLUMNS = 'user_id, route, permissions, at, expires_at';
const GIVEN = '(expires_at IS NULL OR expires_at > ?)';

/** The part of the store that knows consents. */
export type Consents = Pick<
  Accounts,
  'consent' | 'lastConsent' | 'consents' | 'saveConsent' | 'removeConsents'
>;

/** The consents of one file. */
export function consentsTable(db: Database, clock: Clock): Consents {
  const one = db.prepare(
    `SELECT ${COLUMNS} FROM consents WHERE user_id = ? AND route = ? AND ${GIVEN}`,
  );
  const last = db.prepare(`SELECT ${COLUMNS} FROM consents WHERE user_id = ? AND route = ?`);
  const all = db.prepare(
    `SELECT ${COLUMNS} FROM consents WHERE user_id = ? AND ${GIVEN} ORDER BY at DESC, route`,
  );
  const put = db.prepare(`INSERT OR REPLACE INTO consents (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`);
  const drop = db.prepare('DELETE FROM consents WHERE user_id = ?');
  const trim = db.prepare(
    `DELETE FROM consents WHERE user_id = ?1 AND route IN (
       SELECT route FROM consents WHERE user_id = ?1
       ORDER BY route = ?2 DESC, at DESC LIMIT -1 OFFSET ${MOST_CONSENTS})`,
  );
  return {
    async consent(userId, route) {
      const row = db.read(() => one.get(userId, route, clock.now())) as Row | undefined;
      return row === undefined ? null : consentOf(row);
    },
    async lastConsent(userId, route) {
      const row = db.read(() => last.get(userId, route)) as Row | undefined;
      return row === undefined ? null : consentOf(row);
    },
    async consents(userId) {
      return (db.read(() => all.all(userId, clock.now())) as Row[]).map(consentOf);
    },
    async saveConsent(consent) {
      const permissions = checkConsent(consent);
      const { userId, route, at, expiresAt } = consent;
      await db.write(() => {
        put.run(userId, route, permissions, at, expiresAt);
        trim.run(userId, route);
      });
    },
    removeConsents: (userId) => db.write(() => Number(drop.run(userId).changes)),
  };
}

function consentOf(row: Row): Consent {
  return {
    userId: row.user_id,
    route: row.route,
    permissions: JSON.parse(row.permissions) as string[],
    at: row.at,
    expiresAt: row.expires_at,
  };
}
