/**
 * The credential in our cookies: a sealed ticket that leads to a session, valid in one place. A remembered visitor costs
 * no round trip and no promise, and is trusted only while store and directory report every change.
 * Never opens on a fault: a store that does not answer rejects.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { CredentialReader, PortalVisitors, TwoCookies } from '../../core/access/visitors.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { Places } from '../../core/people/place.ts';
import { isLive, type Tickets } from '../../core/people/session.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import type { ConfirmSession } from '../../core/sources/source-session.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import { appScope, portalCookie } from '../../core/setup/ticket-cookie.ts';
import type { Clock, Vault } from '../../core/values/system.ts';
import { findCookie, hasSeveral } from '../../core/request/cookie.ts';
import { createFindAway, type FindAway } from './away.ts';
import { afterReply, createBackgroundWrites } from './background-writes.ts';
import { createOpenedTickets } from './opened-tickets.ts';
import { createSessionLookup, type SessionLookup } from './session-lookup.ts';
import type { Remembered } from './visitor-cache.ts';
import { createVisitorMemory, type VisitorMemory } from './visitor-memory.ts';
import { createVisitorReads, MISPLACED, type VisitorReads } from './visitor-reads.ts';

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
  /** Without it, a session that a source vouched for is accepted nowhere. */
  readonly confirm?: ConfirmSession;
  /** Visitors kept in memory, at about 3 KB each. Default 20,000. */
  readonly capacity?: number;
  /** Runs a task after the current reply; default `setImmediate`. */
  readonly later?: (task: () => void) => void;
}

/** The readers of one process. They share one memory. */
export interface CookieReaders {
  /** For the hosts of apps. */
  readonly apps: CredentialReader;
  /** For the portal, with what rotation and sign-out need. Reads no cookie that apps' hosts may have. */
  readonly portal: CredentialReader & Pick<PortalVisitors, 'ticket'>;
  /** Visitors in memory. */
  remembered(): number;
  /** Ends the subscriptions to changes. */
  close(): void;
}

/** How long a visitor is trusted without a read, in milliseconds, should every announcement fail. */
export const MAX_AGE = 5 * 60_000;

/** Longest cookie value that is read, in characters; a sealed ticket has about 450, and 800 with the longest host. */
export const MAX_COOKIE = 1024;

/**
 * Opened tickets kept for each visitor in memory: opening one costs several times what reading a
 * session does, and it takes some 700 bytes where a visitor takes 3 KB.
 */
const TICKETS_PER_VISITOR = 4;

const TWO: TwoCookies = { cookies: 'two' };

/** Reads the cookies of the snapshot in force. */
export function createCookieReaders(parts: CookieParts): CookieReaders {
  const { live, sessions, directory, clock, events, places, confirm, capacity = 20_000 } = parts;
  const write = createBackgroundWrites(events, parts.later ?? afterReply);
  const opened = createOpenedTickets(parts.tickets, parts.vault, capacity * TICKETS_PER_VISITOR);
  const lookup = createSessionLookup({ sessions, directory, clock, write, confirm });
  const memory = createVisitorMemory({ sessions, directory, capacity });
  const findAway = createFindAway(events, places);
  const read = createVisitorReads({ opened, lookup, memory, findAway, clock });
  let known: Snapshot = live.current;
  /** Another snapshot may have another cookie name, lifetime or domain: sessions are read again. */
  const current = (): Snapshot => {
    const snapshot = live.current;
    if (snapshot !== known) {
      known = snapshot;
      memory.forgetAll();
    }
    return snapshot;
  };
  const shared: ReaderParts = { current, memory, lookup, findAway, read, clock };
  return {
    apps: readerOf('cookie', shared, {
      name: ({ session }) => session.cookieName,
      scope: appScope,
    }),
    portal: {
      ...readerOf('portal cookie', shared, {
        name: (snapshot) => portalCookie(snapshot).name,
        scope: (snapshot) => portalCookie(snapshot).scope,
      }),
      async ticket(header) {
        const { name, scope } = portalCookie(current());
        const cookie = cookieIn(header, name);
        const found = cookie === null ? null : await opened.open(cookie);
        if (found?.ticket.scope !== scope) return null;
        const { scope: _scope, ...ticket } = found.ticket;
        return ticket;
      },
    },
    remembered: () => memory.cache.size(),
    close: () => memory.close(),
  };
}

/** What the readers share. */
interface ReaderParts {
  readonly current: () => Snapshot;
  readonly memory: VisitorMemory;
  readonly lookup: SessionLookup;
  readonly findAway: FindAway;
  readonly read: VisitorReads;
  readonly clock: Clock;
}

/** Which cookie a reader reads, and where its ticket must be valid. */
interface Expected {
  readonly name: (snapshot: Snapshot) => string;
  readonly scope: (snapshot: Snapshot, host: string) => string;
}

function readerOf(name: string, parts: ReaderParts, expected: Expected): CredentialReader {
  const { current, memory, lookup, findAway, read, clock } = parts;
  const { cache } = memory;
  return {
    name,
    find({ header, clientIp, host }, purpose) {
      const snapshot = current();
      const cookies = header('cookie');
      const cookieName = expected.name(snapshot);
      const cookie = cookieIn(cookies, cookieName);
      if (cookie === null) return hasSeveral(cookies, cookieName) ? TWO : undefined;
      const scope = expected.scope(snapshot, host);
      const use = { clientIp, scope, purpose };
      const freshFor = memory.freshFor();
      if (freshFor <= 0) {
        if (!memory.isEmpty()) memory.forgetAll();
        return read.alone(cookie, use);
      }
      const entry = cache.get(cookie);
      if (entry === undefined) return read.shared(cookie, use);
      if (entry.scope !== scope) return MISPLACED;
      const now = clock.now();
      if (!isCurrent(entry, now, freshFor)) {
        // A session idle here may be in use at another process: the store decides.
        cache.drop(entry);
        return read.shared(cookie, use);
      }
      const away = findAway(entry.visitor, clientIp);
      if (away !== null) return away;
      if (purpose === 'use') entry.visitor = lookup.use(entry.visitor, now);
      return entry.visitor;
    },
  };
}

/** The one cookie of this name, unless it is too long to be ours. */
function cookieIn(header: string | null, name: string): string | null {
  const cookie = findCookie(header, name);
  return cookie === null || cookie.length > MAX_COOKIE ? null : cookie;
}

function isCurrent(entry: Remembered, now: number, freshFor: number): boolean {
  return (
    now - entry.storedAt < Math.min(freshFor, MAX_AGE) &&
    now < entry.goodUntil &&
    isLive(entry.visitor.session, now)
  );
}
