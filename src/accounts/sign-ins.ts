/** The last sign-ins of each user: when, from where, in which browser. */
import { type Accounts, MOST_SIGN_INS, type SignIn } from '../core/people/account.ts';
import type { Database } from './database.ts';
import { checkSignIn } from './limits.ts';

type Row = { user_id: string; at: number; ip: string; device: string | null };

/** The part of the store that knows sign-ins. */
export type SignIns = Pick<Accounts, 'signIns' | 'recordSignIn'>;

/** The sign-ins of one file. */
export function signInsTable(db: Database): SignIns {
  // In the order in which they were recorded: a clock may have gone back since.
  const list = db.prepare(
    `SELECT user_id, at, ip, device FROM sign_ins
     WHERE user_id = ? ORDER BY seq DESC LIMIT ${MOST_SIGN_INS}`,
  );
  const insert = db.prepare('INSERT INTO sign_ins (user_id, at, ip, device) VALUES (?, ?, ?, ?)');
  const trim = db.prepare(
    `DELETE FROM sign_ins WHERE seq IN (
       SELECT seq FROM sign_ins WHERE user_id = ? ORDER BY seq DESC LIMIT -1 OFFSET ${MOST_SIGN_INS})`,
  );
  return {
    async signIns(userId) {
      return (db.read(() => list.all(userId)) as Row[]).map(signInOf);
    },
    async recordSignIn(signIn) {
      checkSignIn(signIn);
      const { userId, at, ip, device } = signIn;
      await db.write(() => {
        insert.run(userId, at, ip, device);
        trim.run(userId);
      });
    },
  };
}

function signInOf({ user_id: userId, at, ip, device }: Row): SignIn {
  return { userId, at, ip, device };
}
