/** Sessions in the state file. Only the index is clear; the rest opens with the ticket alone. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import { Problem } from '../../core/values/problem.ts';
import {
  entryOf,
  isStoredId,
  openSession,
  type SessionIndex,
  sealSession,
  sessionIndex,
} from '../../core/flow/sealed.ts';
import { SKEW, type Session, type Ticket } from '../../core/people/session.ts';
import type { Changes } from './changes.ts';
import type { Database } from './database.ts';

type Row = {
  id: string;
  user_id: string;
  created_at: number;
  seen_at: number;
  expires_at: number;
  idle: number;
  ip: string;
  agent: string;
  sealed: Uint8Array;
};

const COLUMNS = 'id, user_id, created_at, seen_at, expires_at, idle, ip, agent';
/** Most entries one list gives. */
const MAX_LIST = 10_000;
/** SQLite's word for no limit. */
const ALL = -1;
/** Ends of one transaction while the disk is full; the first that fits is used. */
const PIECES = [100, 10, 1] as const;
/** Ends told one by one; of more, "many" is told. */
const MAX_TOLD = 500;

/** The sessions of one state file. */
export function embeddedSessions(
  db: Database,
  changes: Changes,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): SessionStore {
  const { clock, vault } = tools;
  const insert = db.prepare(
    `INSERT INTO sessions (${COLUMNS}, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // As `isLive` has it: neither over nor ahead of the clock.
  const live = `ends_at > ?1 AND max(created_at, seen_at) <= ?1 + ${SKEW}`;
  const byId = db.prepare(`SELECT ${COLUMNS}, sealed FROM sessions WHERE ${live} AND id = ?2`);
  const touch = db.prepare('UPDATE sessions SET seen_at = ?2 WHERE id = ?1 AND seen_at < ?2');
  const remove = db.prepare('DELETE FROM sessions WHERE id = ?');
  const removeAll = db.prepare(
    `DELETE FROM sessions WHERE id IN (
       SELECT id FROM sessions WHERE (?1 IS NULL OR user_id = ?1) AND id IS NOT ?2 LIMIT ?3
     ) RETURNING id`,
  );
  const order = 'ORDER BY created_at DESC, id LIMIT';
  const listAll = db.prepare(`SELECT ${COLUMNS} FROM sessions WHERE ${live} ${order} ?2`);
  const listOne = db.prepare(
    `SELECT ${COLUMNS} FROM sessions WHERE ${live} AND user_id = ?2 ${order} ?3`,
  );
  const count = db.prepare(`SELECT count(*) AS n FROM sessions WHERE ${live}`);

  function put(ticket: Ticket, session: Session): () => void {
    const index = sessionIndex(vault, ticket, session);
    const sealed = sealSession(vault, ticket, index, session);
    const { id, userId, createdAt, seenAt, expiresAt, idle, client } = index;
    const { ip, agent } = client;
    return () => void insert.run(id, userId, createdAt, seenAt, expiresAt, idle, ip, agent, sealed);
  }
  function endRow(id: string): boolean {
    if (remove.run(id).changes === 0) return false;
    changes.record(id, clock.now());
    return true;
  }

  /** Ends so many at most; how many it were. */
  async function endPiece(userId: string | null, except: string | null, size: number) {
    const told = await db.write(
      () => {
        const rows = removeAll.all(userId, except, size) as { id: string }[];
        const ids = rows.length > MAX_TOLD ? [null] : rows.map((row) => row.id);
        for (const id of ids) changes.record(id, clock.now());
        return { ids, count: rows.length };
      },
      { ending: true },
    );
    for (const id of told.ids) changes.announce(id);
    return told.count;
  }

  return {
    async start(ticket, session) {
      await db.write(put(ticket, session));
    },
    async read(ticket) {
      const id = vault.name('session', ticket.id);
      const row = db.read(() => byId.get(clock.now(), id)) as Row | undefined;
      return row === undefined ? null : openSession(vault, ticket, indexOf(row), row.sealed);
    },
    async rotate(old, ticket, session) {
      const oldId = vault.name('session', old.id);
      const insertNew = put(ticket, session);
      const moved = await db.write(
        () => {
          if (!endRow(oldId)) return false;
          insertNew();
          return true;
        },
        { lasting: true },
      );
      if (moved) changes.announce(oldId);
      return moved;
    },
    async touch(id, seenAt) {
      if (isStoredId(id)) await db.write(() => touch.run(id, seenAt));
    },
    async entry(id) {
      if (!isStoredId(id)) return null;
      const row = db.read(() => byId.get(clock.now(), id)) as Row | undefined;
      return row === undefined ? null : entryOf(indexOf(row));
    },
    async end(id) {
      if (!isStoredId(id)) return false;
      const ended = await db.write(() => endRow(id), { ending: true });
      if (ended) changes.announce(id);
      return ended;
    },
    async endAll(userId, exceptId) {
      // All at once; on a full disk in pieces that fit into the room kept for endings.
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
    async list(userId, limit = 1_000) {
      const now = clock.now();
      const most = Math.max(0, Math.min(Math.trunc(limit), MAX_LIST));
      const rows = db.read(() =>
        userId === null ? listAll.all(now, most) : listOne.all(now, userId, most),
      ) as Row[];
      return rows.map((row) => entryOf(indexOf(row)));
    },
    async count() {
      return (db.read(() => count.get(clock.now())) as { n: number }).n;
    },
    watch: (listener) => changes.watch(listener),
    isCoherent: () => changes.isCoherent(),
  };
}

function indexOf(row: Row): SessionIndex {
  return {
    id: row.id,
    userId: row.user_id,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    idle: row.idle,
    client: { ip: row.ip, agent: row.agent },
  };
}
