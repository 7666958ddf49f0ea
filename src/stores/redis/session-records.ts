/** The commands on session records and their indexes: one string per session, a set per user, one set of all. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import { type SessionIndex, sealSession, sessionIndex } from '../../core/flow/sealed.ts';
import type { Session, Ticket } from '../../core/people/session.ts';
import type { Run } from './link/commands.ts';
import { type Keys, keysOf } from './keys.ts';
import { readRecord, type SessionRecord, writeRecord } from './record.ts';

/** Sessions handled by one command. */
export const PIECE = 500;

/** The records under one prefix. A null user id means the set of all sessions. */
export interface SessionRecords {
  /** False if there is already a session of this id. */
  start(ticket: Ticket, session: Session): Promise<boolean>;
  /** Puts the session in the place of `oldId`; false if that is gone. */
  rotate(oldId: string, ticket: Ticket, session: Session): Promise<boolean>;
  /** Null for a missing or foreign record. */
  read(id: string): Promise<SessionRecord | null>;
  touch(id: string, seenAt: number): Promise<void>;
  /** The indexes of these sessions, in their order; null for those that are missing. */
  indexes(ids: readonly string[]): Promise<readonly (SessionIndex | null)[]>;
  /** Ends these sessions; resolves with how many there were. */
  end(ids: readonly string[]): Promise<number>;
  /** As `end`, but only sessions that idled out at `time` or before. */
  endIdle(ids: readonly string[], time: number): Promise<number>;
  /** Removes ids from the set of a user, also those whose records are gone. */
  forget(userId: string, ids: readonly string[]): Promise<void>;
  /** At most PIECE ids from `offset` on, the last to end first. */
  idsOf(userId: string | null, offset: number): Promise<readonly string[]>;
  /** At most PIECE ids of sessions that idled out at `time` or before. */
  idleSince(time: number): Promise<readonly string[]>;
  /** The number of sessions that idle out after `time`. */
  countAfter(time: number): Promise<number>;
}

/** The records of one Redis. */
export function sessionRecords(
  run: Run,
  prefix: string,
  { clock, vault }: Pick<AdapterTools, 'clock' | 'vault'>,
): SessionRecords {
  const keys = keysOf(prefix, vault);
  const reads = recordReads(run, keys);

  /** Keys and arguments of PUT in scripts.ts. */
  function put(ticket: Ticket, session: Session) {
    const index = sessionIndex(vault, ticket, session);
    const record = writeRecord(index, sealSession(vault, ticket, index, session));
    const { id, userId, seenAt, expiresAt, idle } = index;
    const now = clock.now();
    const ttl = Math.max(Math.ceil(expiresAt - now), 1);
    const times = [expiresAt, seenAt + idle, now].map(String);
    return {
      keys: [keys.session(id), keys.user(userId), keys.sessions],
      args: [record, String(ttl), id, ...times],
    };
  }
  /** `idleSince` as in scripts.ts: '' for any. */
  async function end(ids: readonly string[], idleSince: string): Promise<number> {
    const known = await reads.indexes(ids);
    // A missing record has no user; any user's set fills its position among the keys.
    const each = ids.flatMap((id, i) => [
      keys.session(id),
      keys.user(known[i]?.userId ?? ''),
      keys.kept(id),
    ]);
    const all = [keys.sessions, ...each];
    return run((client) => client.doorwardEnd(all.length, ...all, idleSince, ...ids));
  }

  return {
    ...reads,
    async start(ticket, session) {
      const { keys: names, args } = put(ticket, session);
      return (await run((client) => client.doorwardStart(...names, ...args))) === 1;
    },
    async rotate(oldId, ticket, session) {
      const { keys: names, args } = put(ticket, session);
      const [before = null] = await reads.indexes([oldId]);
      if (before === null) return false;
      const old = [keys.session(oldId), keys.user(before.userId), keys.kept(oldId)];
      return (await run((client) => client.doorwardRotate(...names, ...old, ...args, oldId))) === 1;
    },
    async touch(id, seenAt) {
      const time = String(seenAt);
      await run((client) => client.doorwardTouch(keys.session(id), keys.sessions, id, time));
    },
    end: (ids) => end(ids, ''),
    endIdle: (ids, time) => end(ids, String(time)),
    async forget(userId, ids) {
      await run((client) => client.zrem(keys.user(userId), ...ids));
    },
  };
}

function recordReads(run: Run, keys: Keys) {
  return {
    async read(id) {
      const [record, score] = await run((client) =>
        client.doorwardReadBuffer(keys.session(id), keys.sessions, id),
      );
      return record === null || score === null ? null : readRecord(id, record, Number(score));
    },
    async indexes(ids) {
      if (ids.length === 0) return [];
      const [records, scores] = await run((client) =>
        Promise.all([
          client.mgetBuffer(...ids.map((id) => keys.session(id))),
          client.zmscore(keys.sessions, ...ids),
        ]),
      );
      return ids.map((id, i) => {
        const [record = null, score = null] = [records[i], scores[i]];
        if (record === null || score === null) return null;
        return readRecord(id, record, Number(score))?.index ?? null;
      });
    },
    idsOf(userId, offset) {
      const key = userId === null ? keys.sessions : keys.user(userId);
      return run((client) => client.zrevrange(key, offset, offset + PIECE - 1));
    },
    idleSince: (time) =>
      run((client) => client.zrangebyscore(keys.sessions, '-inf', String(time), 'LIMIT', 0, PIECE)),
    countAfter: (time) => run((client) => client.zcount(keys.sessions, `(${time}`, '+inf')),
  } satisfies Partial<SessionRecords>;
}
