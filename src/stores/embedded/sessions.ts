/** Sessions in the state file. Only the index is readable; the rest opens with the ticket alone. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import { Problem } from '../../core/values/problem.ts';
import {
  summaryOf,
  isStoredId,
  openSession,
  type SessionIndex,
  sealSession,
  sessionIndex,
} from '../../core/flow/sealed.ts';
import { SKEW, type Session, type Ticket } from '../../core/people/session.ts';
import type { Vault } from '../../core/values/system.ts';
import type { ChangeLog } from '../../database/change-log.ts';
import type { Database } from '../../database/database.ts';
import { bytes, integer, text } from '../../database/rows.ts';
import { command, query, type Row, type Steps } from '../../database/sql.ts';

const COLUMNS = 'id, user_id, created_at, seen_at, expires_at, idle, ip, agent';
/** Most sessions one list returns. */
const MAX_LIST = 10_000;
/** No limit, in SQLite. */
const ALL = -1;
/** Sessions ended per transaction while the disk is full; the first number that fits is used. */
const PIECES = [100, 10, 1] as const;
/** Sessions announced one by one; if more end at once, the announcement is "many". */
const MAX_ANNOUNCED = 500;

// The same rule as `isLive`: neither over nor ahead of the clock.
const LIVE = `ends_at > ?1 AND max(created_at, seen_at) <= ?1 + ${SKEW}`;
const ORDER = 'ORDER BY created_at DESC, id LIMIT';

const INSERT = command(
  `INSERT INTO sessions (${COLUMNS}, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);
const BY_ID = query(`SELECT ${COLUMNS}, sealed FROM sessions WHERE ${LIVE} AND id = ?2`, (row) => ({
  index: indexOf(row),
  sealed: bytes(row, 'sealed'),
}));
const TOUCH = command('UPDATE sessions SET seen_at = ?2 WHERE id = ?1 AND seen_at < ?2');
const REMOVE = command('DELETE FROM sessions WHERE id = ?');
const REMOVE_ALL = query(
  `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE id IS NOT ? LIMIT ?) RETURNING id`,
  (row) => text(row, 'id'),
);
const REMOVE_OF_USER = query(
  `DELETE FROM sessions WHERE id IN (
     SELECT id FROM sessions WHERE user_id = ? AND id IS NOT ? LIMIT ?
   ) RETURNING id`,
  (row) => text(row, 'id'),
);
const LIST_ALL = query(`SELECT ${COLUMNS} FROM sessions WHERE ${LIVE} ${ORDER} ?2`, indexOf);
const LIST_OF_USER = query(
  `SELECT ${COLUMNS} FROM sessions WHERE ${LIVE} AND user_id = ?2 ${ORDER} ?3`,
  indexOf,
);
const COUNT = query(`SELECT count(*) AS n FROM sessions WHERE ${LIVE}`, (row) => integer(row, 'n'));

/** The sessions of one state file. */
export function embeddedSessions(
  db: Database,
  changes: ChangeLog,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): SessionStore {
  const { vault } = tools;
  const { endOne, ...endings } = sessionEndings(db, changes);
  return {
    ...sessionReads(db, tools),
    ...endings,
    async start(ticket, session) {
      await db.write(insertOf(vault, ticket, session));
    },
    async rotate(old, ticket, session) {
      const oldId = vault.name('session', old.id);
      const insertNew = insertOf(vault, ticket, session);
      const isMoved = await db.write(
        function* () {
          if (!(yield* endOne(oldId))) return false;
          yield* insertNew();
          return true;
        },
        { lasting: true },
      );
      if (isMoved) await changes.announce([oldId]);
      return isMoved;
    },
    async touch(id, seenAt) {
      if (isStoredId(id)) await db.write(() => TOUCH(id, seenAt));
    },
    watch: (listener) => changes.watch(listener),
    isCoherent: () => changes.isCoherent(),
  };
}

/** Seals at once; the statement belongs into a transaction. */
function insertOf(vault: Vault, ticket: Ticket, session: Session): () => Steps<number> {
  const index = sessionIndex(vault, ticket, session);
  const sealed = sealSession(vault, ticket, index, session);
  const { id, userId, createdAt, seenAt, expiresAt, idle, client } = index;
  const { ip, agent } = client;
  return () => INSERT(id, userId, createdAt, seenAt, expiresAt, idle, ip, agent, sealed);
}

function sessionReads(db: Database, { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>) {
  return {
    async read(ticket) {
      const id = vault.name('session', ticket.id);
      const row = await db.read(() => BY_ID.first(clock.now(), id));
      return row === null ? null : openSession(vault, ticket, row.index, row.sealed);
    },
    async summary(id) {
      if (!isStoredId(id)) return null;
      const row = await db.read(() => BY_ID.first(clock.now(), id));
      return row === null ? null : summaryOf(row.index);
    },
    async list(userId, limit = 1_000) {
      const now = clock.now();
      const most = Math.max(0, Math.min(Math.trunc(limit), MAX_LIST));
      const indexes = await db.read(() =>
        userId === null ? LIST_ALL.all(now, most) : LIST_OF_USER.all(now, userId, most),
      );
      return indexes.map(summaryOf);
    },
    count: async () => (await db.read(() => COUNT.first(clock.now()))) ?? 0,
  } satisfies Partial<SessionStore>;
}

function sessionEndings(db: Database, changes: ChangeLog) {
  /** Part of a transaction; false if there is no such session. */
  function* endOne(id: string): Steps<boolean> {
    if ((yield* REMOVE(id)) === 0) return false;
    yield* changes.record([id]);
    return true;
  }
  /** Ends at most `size` sessions; resolves with how many it ended. */
  async function endPiece(userId: string | null, except: string | null, size: number) {
    const ended = await db.write(
      function* () {
        const ids =
          userId === null
            ? yield* REMOVE_ALL.all(except, size)
            : yield* REMOVE_OF_USER.all(userId, except, size);
        const announced = ids.length > MAX_ANNOUNCED ? [null] : ids;
        yield* changes.record(announced);
        return { announced, count: ids.length };
      },
      { ending: true },
    );
    await changes.announce(ended.announced);
    return ended.count;
  }

  return {
    endOne,
    async end(id: string) {
      if (!isStoredId(id)) return false;
      const isEnded = await db.write(() => endOne(id), { ending: true });
      if (isEnded) await changes.announce([id]);
      return isEnded;
    },
    async endAll(userId: string | null, exceptId?: string) {
      // All at once; on a full disk in pieces that fit into the space reserved for endings.
      const sizes = [ALL, ...PIECES];
      for (let total = 0; ; ) {
        const size = sizes[0] ?? ALL;
        try {
          const ended = await endPiece(userId, exceptId ?? null, size);
          total += ended;
          if (size === ALL || ended < size) return total;
        } catch (caught) {
          if (!(caught instanceof Problem) || caught.code !== 'store/full') throw caught;
          sizes.shift();
          if (sizes.length === 0) throw caught;
        }
      }
    },
  };
}

function indexOf(row: Row): SessionIndex {
  return {
    id: text(row, 'id'),
    userId: text(row, 'user_id'),
    createdAt: integer(row, 'created_at'),
    seenAt: integer(row, 'seen_at'),
    expiresAt: integer(row, 'expires_at'),
    idle: integer(row, 'idle'),
    client: { ip: text(row, 'ip'), agent: text(row, 'agent') },
  };
}
