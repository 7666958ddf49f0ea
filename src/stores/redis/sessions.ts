/** Sessions in Redis: one string each, a set a user, one set of all ordered by when they idle out. */
import type { AdapterTools } from '../../core/setup/adapters.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import {
  entryOf,
  isStoredId,
  openSession,
  type SessionIndex,
  sealSession,
  sessionIndex,
} from '../../core/flow/sealed.ts';
import { isLive, type Session, type Ticket } from '../../core/people/session.ts';
import type { Coherence } from './coherence.ts';
import type { Run } from './commands.ts';
import { keysOf } from './keys.ts';
import { readRecord, writeRecord } from './record.ts';

/** Sessions handled by one command. */
const PIECE = 500;
/** Rounds of one endAll: with PIECE, five million sessions. */
const MAX_ROUNDS = 10_000;
/** Most sessions one list looks at. */
const MAX_LIST = 10_000;
/** How long after its idle time a session is removed: clocks of several gateways may differ. */
const GRACE = 5 * 60_000;

/** The sessions, and the round that removes idle ones. */
export interface RedisSessions {
  readonly store: SessionStore;
  /** One bounded round; whether there is more to do. */
  sweep(): Promise<boolean>;
}

/** The sessions of one Redis. */
export function redisSessions(
  run: Run,
  prefix: string,
  coherence: Coherence,
  tools: Pick<AdapterTools, 'clock' | 'vault'>,
): RedisSessions {
  const { clock, vault } = tools;
  const keys = keysOf(prefix, vault);

  /** Keys and arguments of PUT in scripts.ts. */
  function put(ticket: Ticket, session: Session): { keys: string[]; args: (string | Buffer)[] } {
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
  /** Indexes of these ids, in their order; null where there is none. */
  async function indexesOf(ids: readonly string[]): Promise<(SessionIndex | null)[]> {
    if (ids.length === 0) return [];
    const [records, scores] = await run((client) =>
      Promise.all([
        client.mgetBuffer(...ids.map((id) => keys.session(id))),
        client.zmscore(keys.sessions, ...ids),
      ]),
    );
    return ids.map((id, i) => {
      const record = records[i];
      const score = scores[i];
      if (record === null || record === undefined || score === null || score === undefined)
        return null;
      return readRecord(id, record, Number(score))?.index ?? null;
    });
  }
  /** Ends these; `idleSince` limits it to those that have idled out by then. */
  async function endThese(ids: readonly string[], idleSince: string): Promise<number> {
    const indexes = await indexesOf(ids);
    // Who has no record has no user either; any user's set serves to fill the place.
    const pairs = ids.flatMap((id, i) => [keys.session(id), keys.user(indexes[i]?.userId ?? '')]);
    const all = [keys.sessions, ...pairs];
    return run((client) => client.doorwardEnd(all.length, ...all, idleSince, ...ids));
  }
  /** Ids from `offset` on, latest to end first. */
  function idsOf(userId: string | null, offset: number): Promise<string[]> {
    const key = userId === null ? keys.sessions : keys.user(userId);
    return run((client) => client.zrevrange(key, offset, offset + PIECE - 1));
  }

  const store: SessionStore = {
    async start(ticket, session) {
      const { keys: names, args } = put(ticket, session);
      await run(async (client) => {
        const isNew = await client.doorwardStart(...names, ...args);
        if (isNew !== 1) throw new Error('a session of this id is there already');
      });
    },
    async read(ticket) {
      const id = vault.name('session', ticket.id);
      const [record, score] = await run((client) =>
        client.doorwardReadBuffer(keys.session(id), keys.sessions, id),
      );
      if (record === null || score === null) return null;
      const parts = readRecord(id, record, Number(score));
      if (parts === null || !isLive(parts.index, clock.now())) return null;
      return openSession(vault, ticket, parts.index, parts.sealed);
    },
    async rotate(old, ticket, session) {
      const oldId = vault.name('session', old.id);
      const { keys: names, args } = put(ticket, session);
      const [before] = await indexesOf([oldId]);
      if (before === null || before === undefined) return false;
      const oldKeys = [keys.session(oldId), keys.user(before.userId)];
      const done = await run((client) =>
        client.doorwardRotate(...names, ...oldKeys, ...args, oldId),
      );
      if (done === 1) coherence.announce(oldId);
      return done === 1;
    },
    async touch(id, seenAt) {
      if (!isStoredId(id)) return;
      await run((client) =>
        client.doorwardTouch(keys.session(id), keys.sessions, id, String(seenAt)),
      );
    },
    async entry(id) {
      if (!isStoredId(id)) return null;
      const [index] = await indexesOf([id]);
      return index != null && isLive(index, clock.now()) ? entryOf(index) : null;
    },
    async end(id) {
      if (!isStoredId(id)) return false;
      const ended = (await endThese([id], '')) === 1;
      if (ended) coherence.announce(id);
      return ended;
    },
    async endAll(userId, exceptId) {
      let ended = 0;
      // What is ended leaves the set, so the first piece is always the next one.
      for (let rest = MAX_ROUNDS; rest > 0; rest--) {
        const found = await idsOf(userId, 0);
        const ids = found.filter((id) => id !== exceptId);
        if (ids.length === 0) break;
        ended += await endThese(ids, '');
        if (userId !== null) await forget(userId, ids);
        for (const id of ids) coherence.announce(id);
      }
      return ended;
    },
    async list(userId, limit = 1_000) {
      const most = Math.max(0, Math.min(Math.trunc(limit), MAX_LIST));
      const now = clock.now();
      const live: SessionIndex[] = [];
      for (let offset = 0; offset < MAX_LIST; offset += PIECE) {
        const ids = await idsOf(userId, offset);
        for (const index of await indexesOf(ids)) {
          if (index !== null && isLive(index, now)) live.push(index);
        }
        if (ids.length < PIECE) break;
      }
      live.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
      return live.slice(0, most).map(entryOf);
    },
    count: () => run((client) => client.zcount(keys.sessions, `(${clock.now()}`, '+inf')),
    watch: (listener) => coherence.watch(listener),
    isCoherent: () => coherence.isCoherent(),
  };

  /** Ids whose record is gone stand only in the set still. */
  async function forget(userId: string, ids: readonly string[]): Promise<void> {
    await run((client) => client.zrem(keys.user(userId), ...ids));
  }

  return {
    store,
    async sweep() {
      const since = String(clock.now() - GRACE);
      const ids = await run((client) =>
        client.zrangebyscore(keys.sessions, '-inf', since, 'LIMIT', 0, PIECE),
      );
      if (ids.length > 0) await endThese(ids, since);
      return ids.length === PIECE;
    },
  };
}
