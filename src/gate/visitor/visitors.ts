/**
 * Who a Cookie header belongs to. A remembered visitor costs no round trip and no promise; it
 * is believed only while store and directory vouch for what they announced. Never opens on a
 * fault: a store that does not answer rejects.
 */
import type { Visitor } from '../../core/access/decision.ts';
import { isElsewhere } from '../../core/people/place.ts';
import type { Clock, Vault } from '../../core/values/system.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Places } from '../../core/people/place.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import type { Tickets } from '../../core/people/session.ts';
import { isLive, isTouchDue } from '../../core/people/session.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import type { Elsewhere, Found, TwoCookies, Visitors } from '../../core/access/visitors.ts';
import { findCookie, hasSeveral } from '../request/cookie.ts';
import { createOpenedTickets, type Opened } from './opened-tickets.ts';
import { createVisitorCache, type Remembered } from './visitor-cache.ts';

/** What finding visitors needs. */
export interface VisitorParts {
  readonly live: Live;
  readonly sessions: SessionStore;
  readonly directory: Directory;
  readonly tickets: Tickets;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Left out: a session that is bound to a country is good nowhere. */
  readonly places?: Places | undefined;
  /** How many visitors are remembered; about 3 KB each. Default 20,000. */
  readonly capacity?: number;
  /** Runs a task after the reply at hand; default `setImmediate`. */
  readonly later?: (task: () => void) => void;
}

/** Longest time a visitor is believed without asking, in milliseconds: the net under all announcements. */
export const MAX_AGE = 5 * 60_000;

/** Longest cookie value that is looked at; a sealed ticket has about 400 characters. */
export const MAX_COOKIE = 1024;

/**
 * Tickets remembered for each visitor that may be: opening one costs several times what reading a session does,
 * and it takes some 700 bytes where a visitor takes 3 KB.
 */
const TICKETS_A_VISITOR = 4;

/** Of those who come again while the memory is full, one in this many is taken in. */
const CANDIDATES_A_PLACE = 8;

const TWO: TwoCookies = { cookies: 'two' };

/** A visitor being read. What is announced meanwhile makes the result unfit for remembering. */
interface Flight {
  sessionId: string | null;
  userId: string | null;
  stale: boolean;
}

/** Visitors of one process. `close` ends the subscriptions. */
export function createVisitors(
  parts: VisitorParts,
): Visitors & { close(): void; remembered(): number } {
  const { live, sessions, directory, clock, events, places, capacity = 20_000 } = parts;
  const later = parts.later ?? ((task) => void setImmediate(task));
  const opened = createOpenedTickets(parts.tickets, parts.vault, capacity * TICKETS_A_VISITOR);
  const cache = createVisitorCache(capacity);
  const flights = new Set<Flight>();
  /** Reads that others may join, by cookie value. */
  const shared = new Map<string, Promise<Visitor | null>>();
  /** Writes under way, so that a burst of requests makes one. */
  const writing = new Set<string>();
  let snapshot: Snapshot = live.current;
  let candidates = 0;

  const spoil = (isHit: (flight: Flight) => boolean): void => {
    // Whoever comes after an announcement must not join a read from before it.
    shared.clear();
    for (const flight of flights) if (isHit(flight)) flight.stale = true;
  };
  const forgetAll = (): void => {
    cache.clear();
    spoil(() => true);
  };
  const unwatchSessions = sessions.watch((id) => {
    if (id === null) return forgetAll();
    cache.dropSession(id);
    spoil((flight) => flight.sessionId === id);
  });
  const unwatchUsers = directory.watch((id) => {
    if (id === null) return forgetAll();
    cache.dropUser(id);
    spoil((flight) => flight.userId === id);
  });

  /** Asks both, always: asking is how some stores notice what others changed. */
  const isCoherent = (): boolean => {
    const isSessions = sessions.isCoherent();
    return directory.isCoherent() && isSessions;
  };

  /** A write after the reply: never waited for, never thrown. */
  const write = (key: string, task: () => Promise<unknown>): void => {
    if (writing.has(key)) return;
    writing.add(key);
    later(() => {
      Promise.resolve()
        .then(task)
        .catch((cause: unknown) => {
          events.emit({ type: 'fault', code: 'session/write', requestId: null, cause });
        })
        .finally(() => writing.delete(key));
    });
  };

  /** The visitor with this use noted, written back at most once a minute. */
  const noteUse = (visitor: Visitor, now: number): Visitor => {
    const { session, user } = visitor;
    if (!isTouchDue(session, now)) return visitor;
    write(`touch ${session.id}`, () => sessions.touch(session.id, now));
    return { user, session: { ...session, seenAt: now } };
  };

  const read = async (cookie: string, flight: Flight, isUse: boolean): Promise<Visitor | null> => {
    const known = opened.peek(cookie);
    const found = known === undefined ? await opened.open(cookie) : known;
    if (found === null) return null;
    flight.sessionId = found.sessionId;
    const session = await sessions.read(found.ticket);
    // Announcements come by id: a session under another one could not be revoked.
    if (session === null || session.id !== found.sessionId) return null;
    const now = clock.now();
    if (!isLive(session, now)) {
      write(`end ${session.id}`, () => sessions.end(session.id));
      return null;
    }
    const { userId } = session;
    flight.userId = userId;
    const user = await directory.read(userId);
    if (user === null || user.disabled) {
      write(`end all ${userId}`, () => sessions.endAll(userId));
      return null;
    }
    // The use of a bound session is noted once it is known where it is used from.
    const isNoted = isUse && session.bound === undefined;
    const visitor = isNoted ? noteUse({ session, user }, now) : { session, user };
    if (isWorthKeeping(known) && !flight.stale && isCoherent() && !flight.stale) {
      cache.put(found.cookie, visitor, now);
    }
    return visitor;
  };

  /**
   * A full cache takes in only what comes a second time, or a scan would empty it; and of that only
   * every so many, or a crowd that is larger than the cache would push itself out before it comes back.
   */
  const isWorthKeeping = (known: Opened | null | undefined): boolean => {
    if (!cache.isFull()) return true;
    if (known === undefined) return false;
    candidates += 1;
    return candidates % CANDIDATES_A_PLACE === 0;
  };

  const load = (
    cookie: string,
    clientIp: string,
    isUse: boolean,
    coherent: boolean,
  ): Promise<Found> =>
    share(cookie, isUse, coherent).then((visitor) => arrive(visitor, clientIp, isUse));

  const share = (cookie: string, isUse: boolean, coherent: boolean): Promise<Visitor | null> => {
    const joined = coherent ? shared.get(cookie) : undefined;
    if (joined !== undefined) return joined;
    const flight: Flight = { sessionId: null, userId: null, stale: !coherent };
    flights.add(flight);
    const result = read(cookie, flight, isUse).finally(() => {
      flights.delete(flight);
      if (shared.get(cookie) === result) shared.delete(cookie);
    });
    if (coherent) shared.set(cookie, result);
    return result;
  };

  /** A session used from elsewhere is none, and goes on for whoever it belongs to; that use does not count. */
  const refuseIt = ({ session }: Visitor, clientIp: string): Elsewhere => {
    const { id: sessionId, userId } = session;
    events.emit({ type: 'session', change: 'elsewhere', sessionId, userId, clientIp });
    return { elsewhere: userId };
  };

  /** Of one that was just read: others may have joined, each from another address. */
  const arrive = (visitor: Visitor | null, clientIp: string, isUse: boolean): Found => {
    const bound = visitor?.session.bound;
    if (visitor === null || bound === undefined) return visitor;
    if (isElsewhere(bound, clientIp, places)) return refuseIt(visitor, clientIp);
    return isUse ? noteUse(visitor, clock.now()) : visitor;
  };

  /**
   * Another snapshot may have another cookie name, lifetime or domain: every session is read again.
   * Opened tickets stay, since the secrets behind `parts.tickets` only change with a restart.
   */
  const followSnapshot = (): string => {
    const { current } = live;
    if (current !== snapshot) {
      snapshot = current;
      forgetAll();
    }
    return current.session.cookieName;
  };

  const ticketIn = (header: string | null): string | null => {
    const cookie = findCookie(header, followSnapshot());
    return cookie === null || cookie.length > MAX_COOKIE ? null : cookie;
  };

  return {
    find(header, clientIp, isUse = true) {
      const cookie = ticketIn(header);
      if (cookie === null) return hasSeveral(header, snapshot.session.cookieName) ? TWO : null;
      if (!isCoherent()) {
        if (cache.size() > 0 || shared.size > 0) forgetAll();
        return load(cookie, clientIp, isUse, false);
      }
      const entry = cache.get(cookie);
      if (entry === undefined) return load(cookie, clientIp, isUse, true);
      const now = clock.now();
      if (!stillGood(entry, now)) {
        // Idle here may be busy at another process: the store has the last word.
        cache.drop(entry);
        return load(cookie, clientIp, isUse, true);
      }
      const { bound } = entry.visitor.session;
      if (bound !== undefined && isElsewhere(bound, clientIp, places)) {
        return refuseIt(entry.visitor, clientIp);
      }
      if (isUse) entry.visitor = noteUse(entry.visitor, now);
      return entry.visitor;
    },
    async ticket(header) {
      const cookie = ticketIn(header);
      return cookie === null ? null : ((await opened.open(cookie))?.ticket ?? null);
    },
    close() {
      unwatchSessions();
      unwatchUsers();
    },
    remembered: () => cache.size(),
  };
}

function stillGood(entry: Remembered, now: number): boolean {
  return now - entry.storedAt < MAX_AGE && isLive(entry.visitor.session, now);
}
