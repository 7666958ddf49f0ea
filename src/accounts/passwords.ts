/** Sealed hashes of each user's last passwords, so that none is chosen again. */
import { type Accounts, MOST_PASSWORDS } from '../core/people/account.ts';
import type { Vault } from '../core/values/system.ts';
import type { Database } from '../database/database.ts';
import { bytes, integer } from '../database/rows.ts';
import { command, query } from '../database/sql.ts';
import { checkPassword } from './limits.ts';
import { openPassword, sealPassword } from './seals.ts';

/** The part of the store that knows past passwords. */
export type PastPasswords = Pick<Accounts, 'passwordHashes' | 'rememberPassword'>;

// In the order in which they were set, since the clock may have been set back.
const LIST = query(
  'SELECT at, sealed FROM passwords WHERE user_id = ? ORDER BY seq DESC LIMIT ?',
  (row) => ({ at: integer(row, 'at'), sealed: bytes(row, 'sealed') }),
);
const INSERT = command(
  `INSERT INTO passwords (seq, user_id, at, sealed)
   VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM passwords), ?, ?, ?)`,
);
const TRIM = command(
  `DELETE FROM passwords WHERE user_id = ?1 AND seq NOT IN (
     SELECT seq FROM passwords WHERE user_id = ?1 ORDER BY seq DESC LIMIT ${MOST_PASSWORDS})`,
);

/** The past passwords of one database. */
export function passwordsTable(db: Database, vault: Vault): PastPasswords {
  return {
    async passwordHashes(userId, limit) {
      const most = Math.max(0, Math.min(Math.trunc(limit), MOST_PASSWORDS));
      const rows = await db.read(() => LIST.all(userId, most));
      return rows.map(({ at, sealed }) => openPassword(vault, { userId, at }, sealed));
    },
    async rememberPassword(userId, hash, at) {
      checkPassword(userId, hash, at);
      const sealed = sealPassword(vault, { userId, at }, hash);
      await db.write(function* () {
        yield* INSERT(userId, at, sealed);
        yield* TRIM(userId);
      });
    },
  };
}
