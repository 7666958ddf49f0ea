/** Authenticators. Their data is sealed; a row that cannot be opened is a fault, never "no second factor". */
import {
  type Accounts,
  AUTHENTICATOR_KINDS,
  type Authenticator,
  MOST_AUTHENTICATORS,
} from '../core/people/account.ts';
import type { Vault } from '../core/values/system.ts';
import { Problem } from '../core/values/problem.ts';
import type { ChangeLog } from '../database/change-log.ts';
import type { Database } from '../database/database.ts';
import { bytes, integer, integerOrNull, text, word } from '../database/rows.ts';
import { command, query, type Row, type Steps } from '../database/sql.ts';
import { checkAuthenticator, checkName, dataText, isHandle } from './limits.ts';
import { openData, sealData, sealedToOf } from './seals.ts';

/** The part of the store that knows authenticators. */
export type Authenticators = Pick<
  Accounts,
  | 'authenticators'
  | 'authenticatorBy'
  | 'addAuthenticator'
  | 'addAuthenticators'
  | 'replaceAuthenticators'
  | 'useAuthenticator'
  | 'renameAuthenticator'
  | 'removeAuthenticator'
>;

const COLUMNS = 'id, user_id, kind, name, created_at, last_used_at, handle, sealed';

const NEWEST_FIRST = 'ORDER BY created_at DESC, id';
const OF_USER = `SELECT ${COLUMNS} FROM authenticators WHERE user_id = ? ${NEWEST_FIRST}`;
const OF_KIND = `SELECT ${COLUMNS} FROM authenticators WHERE user_id = ? AND kind = ? ${NEWEST_FIRST}`;
const BY_HANDLE = `SELECT ${COLUMNS} FROM authenticators WHERE kind = ? AND handle = ? AND handle <> ''`;
const SEALED_TO = query(
  'SELECT id, user_id, kind, handle FROM authenticators WHERE id = ?',
  sealedToOf,
);
const COUNT = query(
  'SELECT count(*) AS n FROM authenticators WHERE user_id = ? AND kind = ?',
  (row) => integer(row, 'n'),
);
const INSERT = command(
  `INSERT INTO authenticators (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
const USE = command(
  `UPDATE authenticators SET sealed = coalesce(?3, sealed),
     last_used_at = CASE WHEN last_used_at > ?2 THEN last_used_at ELSE ?2 END WHERE id = ?1`,
);
const RENAME = command('UPDATE authenticators SET name = ? WHERE user_id = ? AND id = ?');
const REMOVE = command('DELETE FROM authenticators WHERE user_id = ? AND id = ?');
const REMOVE_KIND = command('DELETE FROM authenticators WHERE user_id = ? AND kind = ?');

/** The authenticators of one database. */
export function authenticatorsTable(
  db: Database,
  vault: Vault,
  changes: ChangeLog,
): Authenticators {
  const authenticatorOf = (row: Row): Authenticator => {
    const to = sealedToOf(row);
    return {
      ...to,
      kind: word(row, 'kind', AUTHENTICATOR_KINDS),
      name: text(row, 'name'),
      createdAt: integer(row, 'created_at'),
      lastUsedAt: integerOrNull(row, 'last_used_at'),
      data: openData(vault, to, bytes(row, 'sealed')),
    };
  };
  const add = announcing(db, changes);
  const ofUser = query(OF_USER, authenticatorOf);
  const ofKind = query(OF_KIND, authenticatorOf);
  const byHandle = query(BY_HANDLE, authenticatorOf);

  return {
    authenticators: (userId, kind) =>
      db.read(() => (kind === undefined ? ofUser.all(userId) : ofKind.all(userId, kind))),
    authenticatorBy: async (kind, handle) =>
      isHandle(handle) ? db.read(() => byHandle.first(kind, handle)) : null,
    async addAuthenticator(authenticator) {
      await add([authenticator.userId], put(vault, authenticator));
    },
    async addAuthenticators(all) {
      const puts = all.map((one) => orProblem(() => put(vault, one)));
      const owners = [...new Set(all.map(({ userId }) => userId))];
      return add(owners, () => problemsOf(puts));
    },
    async replaceAuthenticators(userId, kind, replacements) {
      if (replacements.length > MOST_AUTHENTICATORS) throw tooMany();
      if (replacements.some((r) => r.userId !== userId || r.kind !== kind)) throw mixed();
      const puts = replacements.map((one) => put(vault, one));
      await add([userId], function* () {
        yield* REMOVE_KIND(userId, kind);
        for (const insertOne of puts) yield* insertOne();
      });
    },
    async useAuthenticator(id, at, data) {
      const json = data === undefined ? null : dataText(data);
      return db.write(function* () {
        const to = yield* SEALED_TO.first(id);
        if (to === null) return false;
        return (yield* USE(id, at, json === null ? null : sealData(vault, to, json))) === 1;
      });
    },
    async renameAuthenticator(userId, id, name) {
      checkName(name);
      return (await db.write(() => RENAME(name, userId, id))) === 1;
    },
    removeAuthenticator: async (userId, id) =>
      (await db.write(() => REMOVE(userId, id), { ending: true })) === 1,
  };
}

/** Writes for users, and announces them: a password alone opens less once there is another factor. */
function announcing(db: Database, changes: ChangeLog) {
  return async <T>(owners: readonly string[], steps: () => Steps<T>): Promise<T> => {
    const result = await db.write(function* () {
      const done = yield* steps();
      yield* changes.record(owners);
      return done;
    });
    await changes.announce(owners);
    return result;
  };
}

/** Checks and seals at once; the steps belong into a transaction. */
function put(vault: Vault, authenticator: Authenticator): () => Steps<void> {
  const { id, userId, kind, name, createdAt, lastUsedAt, handle } = authenticator;
  const sealed = sealData(vault, authenticator, checkAuthenticator(authenticator));
  return function* () {
    if (((yield* COUNT.first(userId, kind)) ?? 0) >= MOST_AUTHENTICATORS) throw tooMany();
    const added = yield* INSERT(id, userId, kind, name, createdAt, lastUsedAt, handle, sealed);
    if (added === 0) throw alreadyThere();
  };
}

/** For each the Problem with which it was not stored, or null. */
function* problemsOf(puts: readonly (Problem | (() => Steps<void>))[]): Steps<(Problem | null)[]> {
  const problems: (Problem | null)[] = [];
  for (const insert of puts) {
    problems.push(insert instanceof Problem ? insert : yield* problemOf(insert));
  }
  return problems;
}

/** The Problem with which steps end before they have written anything, or null. */
function* problemOf(steps: () => Steps<void>): Steps<Problem | null> {
  try {
    yield* steps();
    return null;
  } catch (caught) {
    // Named fallback: the Problem of this one is returned; nothing of it was written.
    if (caught instanceof Problem) return caught;
    throw caught;
  }
}

function orProblem<T>(action: () => T): T | Problem {
  try {
    return action();
  } catch (caught) {
    // Named fallback: as above.
    if (caught instanceof Problem) return caught;
    throw caught;
  }
}

function tooMany(): Problem {
  return new Problem('authenticator/too-many', `At most ${MOST_AUTHENTICATORS} of one kind.`, {
    status: 409,
  });
}

function alreadyThere(): Problem {
  return new Problem('authenticator/exists', 'This is already set up.', { status: 409 });
}

function mixed(): Problem {
  return new Problem('authenticator/shape', 'These are not of one user and kind.', { status: 400 });
}
