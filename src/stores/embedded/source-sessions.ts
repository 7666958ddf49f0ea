/** What sessions keep of their sources, in the state file. A trigger deletes it with its session. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import {
  namesOf,
  namesWithdrawn,
  openKept,
  sealKept,
  type SourceSessions,
  WITHDRAWAL_KEPT,
} from '../../core/sources/source-session.ts';
import type { Database } from '../../database/database.ts';
import { bytes, integer, text } from '../../database/rows.ts';
import { command, exists, query } from '../../database/sql.ts';

/** Most sessions that one withdrawal ends. */
const MOST = 10_000;

const PUT = command(
  `INSERT INTO source_sessions (id, revision, until, account, visit, sealed) VALUES (?, 1, ?, ?, ?, ?)
   ON CONFLICT (id) DO UPDATE SET revision = revision + 1, until = excluded.until,
     account = excluded.account, visit = excluded.visit, sealed = excluded.sealed`,
);
const READ = query(
  'SELECT revision, sealed FROM source_sessions WHERE id = ? AND until > ?',
  (row) => ({ revision: integer(row, 'revision'), sealed: bytes(row, 'sealed') }),
);
const REPLACE = command(
  'UPDATE source_sessions SET revision = revision + 1, sealed = ? WHERE id = ? AND revision = ?',
);
const FORGET = command('DELETE FROM source_sessions WHERE id = ?');
const NOTE = command(
  `INSERT INTO source_withdrawals (name, at, until) VALUES (?, ?, ?)
   ON CONFLICT (name) DO UPDATE SET at = excluded.at, until = excluded.until`,
);
const IS_NOTED = exists('SELECT 1 FROM source_withdrawals WHERE name IN (?, ?) AND at >= ?');
const FIND = query(
  `SELECT id FROM source_sessions WHERE account = ?1 OR visit = ?1 LIMIT ${MOST}`,
  (row) => text(row, 'id'),
);

/** Those of one state file. */
export function embeddedSourceSessions(
  db: Database,
  { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>,
): SourceSessions {
  const idOf = (ticket: { readonly id: string }): string => vault.name('session', ticket.id);
  return {
    keep(ticket, kept, until) {
      const { account, visit } = namesOf(vault, kept);
      const sealed = sealKept(vault, ticket, kept);
      return db.write(function* () {
        if (yield* IS_NOTED(account, visit, kept.vouchedAt)) return false;
        yield* PUT(idOf(ticket), until, account, visit, sealed);
        return true;
      });
    },
    async read(ticket) {
      const row = await db.read(() => READ.first(idOf(ticket), clock.now()));
      const kept = row === null ? null : openKept(vault, ticket, row.sealed);
      return row === null || kept === null ? null : { ...kept, revision: row.revision };
    },
    async replace(ticket, kept, revision) {
      const sealed = sealKept(vault, ticket, kept);
      // On the disk first: a provider may accept a former refresh token never again.
      const write = () => REPLACE(sealed, idOf(ticket), revision);
      return (await db.write(write, { lasting: true })) === 1;
    },
    async forget(ticket) {
      await db.write(() => FORGET(idOf(ticket)));
    },
    withdraw(withdrawal) {
      const now = clock.now();
      const names = namesWithdrawn(vault, withdrawal);
      return db.write(
        function* () {
          const ids: string[] = [];
          for (const name of names) {
            yield* NOTE(name, now, now + WITHDRAWAL_KEPT);
            ids.push(...(yield* FIND.all(name)));
          }
          return ids;
        },
        { ending: true },
      );
    },
  };
}
