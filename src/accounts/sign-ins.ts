/** The last sign-ins of each user: when, from which address, in which browser. */
import { type Accounts, MOST_SIGN_INS, type SignIn } from '../core/people/account.ts';
import type { Database } from '../database/database.ts';
import { integer, text, textOrNull } from '../database/rows.ts';
import { command, query, type Row } from '../database/sql.ts';
import { checkSignIn } from './limits.ts';

/** The part of the store that knows sign-ins. */
export type SignIns = Pick<Accounts, 'signIns' | 'recordSignIn'>;

// In the order in which they were recorded, since the clock may have been set back.
const LIST = query(
  `SELECT user_id, at, ip, device FROM sign_ins
   WHERE user_id = ? ORDER BY seq DESC LIMIT ${MOST_SIGN_INS}`,
  signInOf,
);
const INSERT = command(
  `INSERT INTO sign_ins (seq, user_id, at, ip, device)
   VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM sign_ins), ?, ?, ?, ?)`,
);
const TRIM = command(
  `DELETE FROM sign_ins WHERE user_id = ?1 AND seq NOT IN (
     SELECT seq FROM sign_ins WHERE user_id = ?1 ORDER BY seq DESC LIMIT ${MOST_SIGN_INS})`,
);

/** The sign-ins of one database. */
export function signInsTable(db: Database): SignIns {
  return {
    signIns: (userId) => db.read(() => LIST.all(userId)),
    async recordSignIn(signIn) {
      checkSignIn(signIn);
      const { userId, at, ip, device } = signIn;
      await db.write(function* () {
        yield* INSERT(userId, at, ip, device);
        yield* TRIM(userId);
      });
    },
  };
}

function signInOf(row: Row): SignIn {
  return {
    userId: text(row, 'user_id'),
    at: integer(row, 'at'),
    ip: text(row, 'ip'),
    device: textOrNull(row, 'device'),
  };
}
