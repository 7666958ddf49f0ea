/** Invitations. Holds one-way names of their tokens, never the tokens; uses are counted atomically. */
import type { Accounts, Invitation } from '../core/people/account.ts';
import type { Clock } from '../core/values/system.ts';
import { Problem } from '../core/values/problem.ts';
import type { Database } from '../database/database.ts';
import { flag, integer, object, text } from '../database/rows.ts';
import { command, query, type Row } from '../database/sql.ts';
import { checkInvitation, isOneWayName, MOST_INVITATIONS } from './limits.ts';

/** How long an expired invitation can still be told from an unknown one, in milliseconds: 90 days. */
const KEPT_FOR = 90 * 86_400_000;
const MAX_LIST = 1_000;

/** The part of the store that knows invitations. */
export type Invitations = Pick<
  Accounts,
  'invitation' | 'createInvitation' | 'spendInvitation' | 'invitations' | 'revokeInvitation'
>;

const COLUMNS = 'id, token_name, flow, single_use, data, note, created_at, expires_at, used';

const BY_TOKEN = query(`SELECT ${COLUMNS} FROM invitations WHERE token_name = ?`, invitationOf);
const INSERT = command(
  `INSERT INTO invitations (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
const COUNT = query('SELECT count(*) AS n FROM invitations', (row) => integer(row, 'n'));
const SWEEP = command('DELETE FROM invitations WHERE expires_at <= ?');
const SPEND = command(
  `UPDATE invitations SET used = used + 1
   WHERE id = ? AND expires_at > ? AND (single_use = 0 OR used = 0)`,
);
const LIST = query(
  `SELECT ${COLUMNS} FROM invitations ORDER BY created_at DESC, id LIMIT ?`,
  invitationOf,
);
const REMOVE = command('DELETE FROM invitations WHERE id = ?');

/** The invitations of one database. */
export function invitationsTable(db: Database, clock: Clock): Invitations {
  return {
    async invitation(tokenName) {
      if (!isOneWayName(tokenName)) return null;
      return db.read(() => BY_TOKEN.first(tokenName));
    },
    async createInvitation(invitation) {
      const data = checkInvitation(invitation);
      const { id, tokenName, flow, singleUse, note, createdAt, expiresAt, used } = invitation;
      const row = [id, tokenName, flow, singleUse, data, note, createdAt, expiresAt, used];
      await db.write(function* () {
        yield* SWEEP(clock.now() - KEPT_FOR);
        if (((yield* COUNT.first()) ?? 0) >= MOST_INVITATIONS) throw tooMany();
        if ((yield* INSERT(...row)) === 0) throw alreadyThere();
      });
    },
    spendInvitation: async (id, now) => (await db.write(() => SPEND(id, now))) === 1,
    async invitations(limit) {
      const most = Math.max(0, Math.min(Math.trunc(limit), MAX_LIST));
      return db.read(() => LIST.all(most));
    },
    revokeInvitation: async (id) => (await db.write(() => REMOVE(id))) === 1,
  };
}

function invitationOf(row: Row): Invitation {
  return {
    id: text(row, 'id'),
    tokenName: text(row, 'token_name'),
    flow: text(row, 'flow'),
    singleUse: flag(row, 'single_use'),
    data: object(row, 'data'),
    note: text(row, 'note'),
    createdAt: integer(row, 'created_at'),
    expiresAt: integer(row, 'expires_at'),
    used: integer(row, 'used'),
  };
}

function tooMany(): Problem {
  return new Problem(
    'invitation/too-many',
    `There are already ${MOST_INVITATIONS} invitations; revoke some first.`,
    { status: 409 },
  );
}

function alreadyThere(): Problem {
  return new Problem('invitation/exists', 'This invitation already exists.', { status: 409 });
}
