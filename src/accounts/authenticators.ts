/** Authenticators in the file. Their data is sealed; a row that does not open is a fault, never "none". */
import {
  type Accounts,
  type Authenticator,
  type AuthenticatorKind,
  MOST_AUTHENTICATORS,
} from '../core/people/account.ts';
import type { Vault } from '../core/values/system.ts';
import { Problem } from '../core/values/problem.ts';
import { type Database, isConflict } from './database.ts';
import { checkAuthenticator, checkName, dataText, isHandle } from './limits.ts';
import { openData, sealData } from './seals.ts';

type Row = {
  id: string;
  user_id: string;
  kind: AuthenticatorKind;
  name: string;
  created_at: number;
  last_used_at: number | null;
  handle: string;
  sealed: Uint8Array;
};

const COLUMNS = 'id, user_id, kind, name, created_at, last_used_at, handle, sealed';

/** The part of the store that knows authenticators. */
export type Authenticators = Pick<
  Accounts,
  | 'authenticators'
  | 'authenticatorBy'
  | 'addAuthenticator'
  | 'replaceAuthenticators'
  | 'useAuthenticator'
  | 'renameAuthenticator'
  | 'removeAuthenticator'
>;

/** The authenticators of one file. */
export function authenticatorsTable(db: Database, vault: Vault): Authenticators {
  const ofUser = db.prepare(
    `SELECT ${COLUMNS} FROM authenticators WHERE user_id = ?1 AND (?2 IS NULL OR kind = ?2)
     ORDER BY created_at DESC, id`,
  );
  const byHandle = db.prepare(
    `SELECT ${COLUMNS} FROM authenticators WHERE kind = ? AND handle = ? AND handle <> ''`,
  );
  const byId = db.prepare(`SELECT ${COLUMNS} FROM authenticators WHERE id = ?`);
  const count = db.prepare(
    'SELECT count(*) AS n FROM authenticators WHERE user_id = ? AND kind = ?',
  );
  const insert = db.prepare(
    `INSERT INTO authenticators (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const use = db.prepare(
    `UPDATE authenticators SET last_used_at = max(coalesce(last_used_at, 0), ?2),
       sealed = coalesce(?3, sealed) WHERE id = ?1`,
  );
  const rename = db.prepare('UPDATE authenticators SET name = ? WHERE user_id = ? AND id = ?');
  const remove = db.prepare('DELETE FROM authenticators WHERE user_id = ? AND id = ?');
  const removeKind = db.prepare('DELETE FROM authenticators WHERE user_id = ? AND kind = ?');

  const authenticatorOf = (row: Row): Authenticator => {
    const to = { id: row.id, userId: row.user_id, kind: row.kind, handle: row.handle };
    return {
      ...to,
      name: row.name,
      createdAt: row.created_at,
      lastUsedAt: row.last_used_at,
      data: openData(vault, to, row.sealed),
    };
  };

  /** Sealed at once; the write comes inside the transaction. */
  function put(authenticator: Authenticator): () => void {
    const { id, userId, kind, name, createdAt, lastUsedAt, handle } = authenticator;
    const sealed = sealData(vault, authenticator, checkAuthenticator(authenticator));
    return () => {
      const { n } = count.get(userId, kind) as { n: number };
      if (n >= MOST_AUTHENTICATORS) throw tooMany();
      try {
        insert.run(id, userId, kind, name, createdAt, lastUsedAt, handle, sealed);
      } catch (caught) {
        if (!isConflict(caught)) throw caught;
        throw new Problem('authenticator/exists', 'This is set up already.', { status: 409 });
      }
    };
  }

  return {
    async authenticators(userId, kind) {
      return db.read(() => (ofUser.all(userId, kind ?? null) as Row[]).map(authenticatorOf));
    },
    async authenticatorBy(kind, handle) {
      if (!isHandle(handle)) return null;
      return db.read(() => {
        const row = byHandle.get(kind, handle) as Row | undefined;
        return row === undefined ? null : authenticatorOf(row);
      });
    },
    async addAuthenticator(authenticator) {
      await db.write(put(authenticator));
    },
    async replaceAuthenticators(userId, kind, replacements) {
      if (replacements.length > MOST_AUTHENTICATORS) throw tooMany();
      if (replacements.some((r) => r.userId !== userId || r.kind !== kind)) {
        throw new Problem('authenticator/shape', 'These are not of one user and kind.', {
          status: 400,
        });
      }
      const puts = replacements.map(put);
      await db.write(() => {
        removeKind.run(userId, kind);
        for (const insertOne of puts) insertOne();
      });
    },
    async useAuthenticator(id, at, data) {
      const text = data === undefined ? null : dataText(data);
      return db.write(() => {
        const row = byId.get(id) as Row | undefined;
        if (row === undefined) return false;
        const to = { id, userId: row.user_id, kind: row.kind, handle: row.handle };
        return use.run(id, at, text === null ? null : sealData(vault, to, text)).changes === 1;
      });
    },
    async renameAuthenticator(userId, id, name) {
      checkName(name);
      return db.write(() => rename.run(name, userId, id).changes === 1);
    },
    async removeAuthenticator(userId, id) {
      return db.write(() => remove.run(userId, id).changes === 1, { ending: true });
    },
  };
}

function tooMany(): Problem {
  return new Problem('authenticator/too-many', `At most ${MOST_AUTHENTICATORS} of one kind.`, {
    status: 409,
  });
}
