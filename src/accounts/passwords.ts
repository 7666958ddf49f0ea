/** Hashes of each user's last passwords, sealed, so that they are not chosen again. Never of a current one alone. */
import { type Accounts, MOST_PASSWORDS } from '../core/people/account.ts';
import type { Vault } from '../core/values/system.ts';
import type { Database } from './database.ts';
import { checkPassword } from './limits.ts';
import { openPassword, sealPassword } from './seals.ts';

type Row = { at: number; sealed: Uint8Array };

/** The part of the store that knows passwords. */
export type PastPasswords = Pick<Accounts, 'passwordHashes' | 'rememberPassword'>;

/** The passwords of one file. */
export function passwordsTable(db: Database, vault: Vault): PastPasswords {
  // In the order in which they were set: a clock may have gone back since.
  const list = db.prepare(
    'SELECT at, sealed FROM passwords WHERE user_id = ? ORDER BY seq DESC LIMIT ?',
  );
  const insert = db.prepare('INSERT INTO passwords (user_id, at, sealed) VALUES (?, ?, ?)');
  const trim = db.prepare(
    `DELETE FROM passwords WHERE seq IN (
       SELECT seq FROM passwords WHERE user_id = ? ORDER BY seq DESC LIMIT -1 OFFSET ${MOST_PASSWORDS})`,
  );
  return {
    async passwordHashes(userId, limit) {
      const most = Math.max(0, Math.min(Math.trunc(limit), MOST_PASSWORDS));
      const rows = db.read(() => list.all(userId, most)) as Row[];
      return rows.map(({ at, sealed }) => openPassword(vault, { userId, at }, sealed));
    },
    async rememberPassword(userId, hash, at) {
      checkPassword(userId, hash, at);
      const sealed = sealPassword(vault, { userId, at }, hash);
      await db.write(() => {
        insert.run(userId, at, sealed);
        trim.run(userId);
      });
    },
  };
}
