/** Invitations: their tokens are never here, only one-way names of them; a use is counted atomically. */
import type { Accounts, Invitation } from '../core/people/account.ts';
import type { Clock } from '../core/values/system.ts';
import { Problem } from '../core/values/problem.ts';
import { type Database, isConflict } from './database.ts';
import { checkInvitation, isOneWayName, MOST_INVITATIONS } from './limits.ts';

type Row = {
  id: string;
  token_name: string;
  flow: string;
  single_use: number;
  data: string;
  note: string;
  created_at: number;
  expires_at: number;
  used: number;
};

const COLUMNS = 'id, token_name, flow, single_use, data, note, created_at, expires_at, used';
/** How long an expired one can still be told from one that never was, in milliseconds: 90 days. */
const TOLD_FOR = 90 * 86_400_000;
const MAX_LIST = 1_000;

/** The part of the store that knows invitations. */
export type Invitations = Pick<
  Accounts,
  'invitation' | 'createInvitation' | 'spendInvitation' | 'invitations' | 'revokeInvitation'
>;

/** The invitations of one file. */
export function invitationsTable(db: Database, clock: Clock): Invitations {
  const byToken = db.prepare(`SELECT ${COLUMNS} FROM invitations WHERE token_name = ?`);
  const insert = db.prepare(
    `INSERT INTO invitations (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const count = db.prepare('SELECT count(*) AS n FROM invitations');
  const sweep = db.prepare('DELETE FROM invitations WHERE expires_at <= ?');
  const spend = db.prepare(
    `UPDATE invitations SET used = used + 1
     WHERE id = ? AND expires_at > ? AND (single_use = 0 OR used = 0)`,
  );
  const list = db.prepare(
    `SELECT ${COLUMNS} FROM invitations ORDER BY created_at DESC, id LIMIT ?`,
  );
  const remove = db.prepare('DELETE FROM invitations WHERE id = ?');
  return {
    async invitation(tokenName) {
      if (!isOneWayName(tokenName)) return null;
      const row = db.read(() => byToken.get(tokenName)) as Row | undefined;
      return row === undefined ? null : invitationOf(row);
    },
    async createInvitation(invitation) {
      const data = checkInvitation(invitation);
      const { id, tokenName, flow, singleUse, note, createdAt, expiresAt, used } = invitation;
      await db.write(() => {
        sweep.run(clock.now() - TOLD_FOR);
        if ((count.get() as { n: number }).n >= MOST_INVITATIONS) {
          throw new Problem(
            'invitation/too-many',
            `There are ${MOST_INVITATIONS} invitations; revoke some first.`,
            { status: 409 },
          );
        }
        try {
          const single = singleUse ? 1 : 0;
          insert.run(id, tokenName, flow, single, data, note, createdAt, expiresAt, used);
        } catch (caught) {
          if (!isConflict(caught)) throw caught;
          throw new Problem('invitation/exists', 'There is such an invitation.', { status: 409 });
        }
      });
    },
    spendInvitation: (id, now) => db.write(() => spend.run(id, now).changes === 1),
    async invitations(limit) {
      const most = Math.max(0, Math.min(Math.trunc(limit), MAX_LIST));
      return (db.read(() => list.all(most)) as Row[]).map(invitationOf);
    },
    revokeInvitation: (id) => db.write(() => remove.run(id).changes === 1),
  };
}

function invitationOf(row: Row): Invitation {
  return {
    id: row.id,
    tokenName: row.token_name,
    flow: row.flow,
    singleUse: row.single_use === 1,
    data: JSON.parse(row.data) as Invitation['data'],
    note: row.note,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    used: row.used,
  };
}
