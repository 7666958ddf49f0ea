/** Sessions in Redis. Only the index is readable; the rest opens with the ticket alone. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import { isStoredId, openSession, type SessionIndex, summaryOf } from '../../core/flow/sealed.ts';
import { isLive } from '../../core/people/session.ts';
import { storeUnavailable } from '../../core/values/problem.ts';
import type { Coherence } from './link/coherence.ts';
import { PIECE, type SessionRecords } from './session-records.ts';

/** Rounds of one endAll: with PIECE, five million sessions. */
const MAX_ROUNDS = 10_000;
/** Most sessions one list looks at. */
const MAX_LIST = 10_000;
/** How long after it has idled out a session is removed, in milliseconds: the clocks of gateways may differ. */
const GRACE = 5 * 60_000;

/** The sessions of one Redis. */
export function redisSessions(
  records: SessionRecords,
  coherence: Coherence,
  { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>,
): SessionStore {
  return {
    async start(ticket, session) {
      if (await records.start(ticket, session)) return;
      throw storeUnavailable(new Error('a session of this id already exists'));
    },
    async read(ticket) {
      const record = await records.read(vault.name('session', ticket.id));
      if (record === null || !isLive(record.index, clock.now())) return null;
      return openSession(vault, ticket, record.index, record.sealed);
    },
    async rotate(old, ticket, session) {
      const oldId = vault.name('session', old.id);
      const isRotated = await records.rotate(oldId, ticket, session);
      if (isRotated) coherence.announce(oldId);
      return isRotated;
    },
    async touch(id, seenAt) {
      if (isStoredId(id)) await records.touch(id, seenAt);
    },
    async summary(id) {
      if (!isStoredId(id)) return null;
      const [index = null] = await records.indexes([id]);
      return index !== null && isLive(index, clock.now()) ? summaryOf(index) : null;
    },
    async end(id) {
      if (!isStoredId(id)) return false;
      const isEnded = (await records.end([id])) === 1;
      if (isEnded) coherence.announce(id);
      return isEnded;
    },
    async endAll(userId, exceptId) {
      let ended = 0;
      // Ended sessions leave the set, so the first piece is always the next one.
      for (let rest = MAX_ROUNDS; rest > 0; rest--) {
        const ids = (await records.idsOf(userId, 0)).filter((id) => id !== exceptId);
        if (ids.length === 0) break;
        ended += await records.end(ids);
        if (userId !== null) await records.forget(userId, ids);
        for (const id of ids) coherence.announce(id);
      }
      return ended;
    },
    async list(userId, limit = 1_000) {
      const most = Math.max(0, Math.min(Math.trunc(limit), MAX_LIST));
      const live = await liveIndexes(records, userId, clock.now());
      live.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
      return live.slice(0, most).map(summaryOf);
    },
    count: () => records.countAfter(clock.now()),
    watch: (listener) => coherence.watch(listener),
    isCoherent: () => coherence.isCoherent(),
  };
}

async function liveIndexes(
  records: SessionRecords,
  userId: string | null,
  now: number,
): Promise<SessionIndex[]> {
  const live: SessionIndex[] = [];
  for (let offset = 0; offset < MAX_LIST; offset += PIECE) {
    const ids = await records.idsOf(userId, offset);
    for (const index of await records.indexes(ids)) {
      if (index !== null && isLive(index, now)) live.push(index);
    }
    if (ids.length < PIECE) break;
  }
  return live;
}

/** Removes sessions that have idled out, PIECE at most. */
export async function sweepSessions(records: SessionRecords, now: number): Promise<void> {
  const time = now - GRACE;
  const ids = await records.idleSince(time);
  if (ids.length > 0) await records.endIdle(ids, time);
}
