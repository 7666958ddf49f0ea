/**
 * Users whose ids are names in a file. One who was removed there and one who is added later may have the same name:
 * the later one must not inherit second factors, passkeys, tokens or sessions. A user who is missing for a while, as
 * in a file that is being written, and is back with the same password hash is the same user, and keeps all of it.
 */
import type { NamedUser, NamedUsers, Settled } from '../core/people/account.ts';
import type { ChangeLog } from '../database/change-log.ts';
import type { Database } from '../database/database.ts';
import { integerOrNull, text } from '../database/rows.ts';
import { beginsWith, command, query, rangeOf, type Steps } from '../database/sql.ts';
import { moveValidFrom } from './endings/endings.ts';
import { checkNamedUser } from './limits.ts';

/** A user as noted the last time. */
interface Known {
  readonly id: string;
  /** `''`: not known, for a user who was removed before users were noted. */
  readonly mark: string;
  readonly goneAt: number | null;
}

const KNOWN = query(
  'SELECT user_id, mark, gone_at FROM named_users WHERE directory = ?',
  (row) => ({
    id: text(row, 'user_id'),
    mark: text(row, 'mark'),
    goneAt: integerOrNull(row, 'gone_at'),
  }),
);
const PUT = command(
  `INSERT INTO named_users (user_id, directory, mark, gone_at) VALUES (?, ?, ?, ?)
   ON CONFLICT (user_id) DO UPDATE SET mark = excluded.mark, gone_at = excluded.gone_at`,
);
/** Users about whom something is stored, of a directory. */
const STORED = [
  'authenticators',
  'devices',
  'sign_ins',
  'passwords',
  'consents',
  'tokens',
  'source_links',
].map((table) =>
  query(`SELECT DISTINCT user_id FROM ${table} WHERE ${beginsWith('user_id')}`, (row) =>
    text(row, 'user_id'),
  ),
);

/** The named users of one database. `forget` deletes what is stored about a user. */
export function namedUsersTable(
  db: Database,
  changes: ChangeLog,
  forget: (userId: string) => Steps<void>,
): NamedUsers {
  return {
    async settleUsers(directory, users, at) {
      for (const user of users) checkNamedUser(user);
      const settled = await db.write(
        function* () {
          const done = yield* settle(directory, users, at);
          for (const id of done.replaced) yield* forget(id);
          for (const id of [...done.replaced, ...done.changed])
            yield* moveValidFrom(id, at + 1, null);
          yield* changes.record(done.replaced);
          return done;
        },
        { ending: true },
      );
      await changes.announce(settled.replaced);
      return settled;
    },
  };
}

/** Notes who is there, and finds out who is not the same as before. */
function* settle(directory: string, users: readonly NamedUser[], at: number): Steps<Settled> {
  const noted = yield* KNOWN.all(directory);
  const before = noted.length > 0 ? noted : yield* stored(directory, users);
  const absent = new Map(before.map((one) => [one.id, one]));
  const replaced: string[] = [];
  const changed: string[] = [];
  for (const { id, mark, isLasting } of users) {
    const known = absent.get(id);
    absent.delete(id);
    if (known?.mark === mark && known.goneAt === null) continue;
    yield* PUT(id, directory, mark, null);
    if (known === undefined || known.mark === mark) continue;
    (known.goneAt === null || isLasting ? changed : replaced).push(id);
  }
  for (const { id, mark, goneAt } of absent.values()) {
    if (goneAt === null) yield* PUT(id, directory, mark, at);
  }
  return { replaced, changed };
}

/** Before anything was noted: users who are not there any more, but about whom something is stored. */
function* stored(directory: string, users: readonly NamedUser[]): Steps<readonly Known[]> {
  // Nothing is concluded from a file without users.
  if (users.length === 0) return [];
  const range = rangeOf(`${directory}/`);
  const present = new Set(users.map(({ id }) => id));
  const ids = new Set<string>();
  for (const table of STORED) for (const id of yield* table.all(...range)) ids.add(id);
  return [...ids].filter((id) => !present.has(id)).map((id) => ({ id, mark: '', goneAt: null }));
}
