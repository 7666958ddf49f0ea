/**
 * The credential in our cookie: a sealed ticket that leads to a session. A remembered visitor costs
 * no round trip and no promise, and is trusted only while store and directory report every change.
 * Never opens on a fault: a store that does not answer rejects.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { CredentialReader, TwoCookies } from '../../core/access/visitors.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Places } from '../../core/people/place.ts';
import { isLive, type Ticket, type Tickets } from '../../core/people/session.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import type { Clock, Vault } from '../../core/values/system.ts';
import { findCookie, hasSeveral } from '../../core/request/cookie.ts';
import { createFindAway } from './away.ts';
import { createBackgroundWrites } from './background-writes.ts';
import { createOpenedTickets } from './opened-tickets.ts';
import { createSessionLookup } from './session-lookup.ts';
import type { Remembered } from './visitor-cache.ts';
import { createVisitorMemory } from './visitor-memory.ts';
import { createVisitorReads } from './visitor-reads.ts';

/** What reading cookies needs. */
export interface CookieParts {
  readonly live: Live;
  readonly sessions: SessionStore;
  readonly directory: Directory;
  readonly tickets: Tickets;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Without it, a session bound to a country is accepted nowhere. */
  readonly places?: Places | undefined;
  /** Visitors kept in memory, at about 3 KB each. Default 20,000. */
  readonly capacity?: number;
  /** Runs a task after the current reply; default `setImmediate`. */
  readonly later?: (task: () => void) => void;
}

/** The reader, with what rotation, sign-out and shutdown need of it. */
export interface CookieReader extends CredentialReader {
  /** The ticket in a Cookie header, or null. */
  ticket(cookieHeader: string | null): Promise<Ticket | null>;
  /** Visitors in memory. */
  remembered(): number;
  /** Ends the subscriptions to changes. */
  close(): void;
}

/** How long a visitor is trusted without a read, in milliseconds, should every announcement fail. */
export const MAX_AGE = 5 * 60_000;

/** Longest cookie value that is read, in characters; a sealed ticket has about 400. */
export const MAX_COOKIE = 1024;

/**
 * Opened tickets kept for each visitor in memory: opening one costs several times what reading a
 * session does, and it takes some 700 bytes where a visitor takes 3 KB.
 */
const TICKETS_PER_VISITOR = 4;

const TWO: TwoCookies = { cookies: 'two' };

/** Reads the cookie of the snapshot in force. */
export function createCookieReader(parts: CookieParts): CookieReader {
  const { live, sessions, directory, clock, events, places, capacity = 20_000 } = parts;
  const write = createBackgroundWrites(events, parts.later ?? afterReply);
  const opened = createOpenedTickets(parts.tickets, parts.vault, capacity * TICKETS_PER_VISITOR);
  const lookup = createSessionLookup({ sessions, directory, clock, write });
  const memory = createVisitorMemory({ sessions, directory, capacity });
  const findAway = createFindAway(events, places);
  const read = createVisitorReads({ opened, lookup, memory, findAway, clock });
  const { cache } = memory;
  let snapshot: Snapshot = live.current;

  /** Another snapshot may have another cookie name, lifetime or domain: sessions are read again. */
  const cookieName = (): string => {
    const { current } = live;
    if (current !== snapshot) {
      snapshot = current;
      memory.forgetAll();
    }
    return current.session.cookieName;
  };
  const ticketIn = (header: string | null): string | null => {
    const cookie = findCookie(header, cookieName());
    return cookie === null || cookie.length > MAX_COOKIE ? null : cookie;
  };

  return {
    name: 'cookie',
    find({ header, clientIp }, purpose) {
      const cookies = header('cookie');
      const cookie = ticketIn(cookies);
      if (cookie === null) return hasSeveral(cookies, cookieName()) ? TWO : undefined;
      const freshFor = memory.freshFor();
      if (freshFor <= 0) {
        if (!memory.isEmpty()) memory.forgetAll();
        return read.alone(cookie, clientIp, purpose);
      }
      const entry = cache.get(cookie);
      if (entry === undefined) return read.shared(cookie, clientIp, purpose);
      const now = clock.now();
      if (!isCurrent(entry, now, freshFor)) {
        // A session idle here may be in use at another process: the store decides.
        cache.drop(entry);
        return read.shared(cookie, clientIp, purpose);
      }
      const away = findAway(entry.visitor, clientIp);
      if (away !== null) return away;
      if (purpose === 'use') entry.visitor = lookup.use(entry.visitor, now);
      return entry.visitor;
    },
    async ticket(header) {
      const cookie = ticketIn(header);
      return cookie === null ? null : ((await opened.open(cookie))?.ticket ?? null);
    },
    remembered: () => cache.size(),
    close: () => memory.close(),
  };
}

function afterReply(task: () => void): void {
  setImmediate(task);
}

function isCurrent(entry: Remembered, now: number, freshFor: number): boolean {
  return now - entry.storedAt < Math.min(freshFor, MAX_AGE) && isLive(entry.visitor.session, now);
}
