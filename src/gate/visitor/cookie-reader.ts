/**
 * The credential in our cookie: a sealed ticket that leads to a session. A remembered visitor costs
 * no round trip and no promise, and is trusted only while store and directory report every change.
 * Never opens on a fault: a store that does not answer rejects.
 */
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { EventSink } from '../../core/access/event.ts';
import type {
  CredentialReader,
  Elsewhere,
  Found,
  Purpose,
  TwoCookies,
} from '../../core/access/visitors.ts';
import type { Directory } from '../../core/people/directory.ts';
import { isElsewhere, type Places } from '../../core/people/place.ts';
import { isLive, type Ticket, type Tickets } from '../../core/people/session.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import type { Clock, Vault } from '../../core/values/system.ts';
import { findCookie, hasSeveral } from '../request/cookie.ts';
import { createBackgroundWrites } from './background-writes.ts';
import { createOpenedTickets } from './opened-tickets.ts';
import { createSessionLookup } from './session-lookup.ts';
import type { Loaded, Read } from './shared-reads.ts';
import type { Remembered } from './visitor-cache.ts';
import { createVisitorMemory } from './visitor-memory.ts';

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
  const { cache, reads } = memory;
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

  const load = async (cookie: string, purpose: Purpose, read: Read): Promise<Loaded> => {
    const known = opened.peek(cookie);
    const ticket = known === undefined ? await opened.open(cookie) : known;
    if (ticket === null) return null;
    const now = clock.now();
    const found = await lookup.find(ticket, read);
    if (found === null) return null;
    // A bound session's use counts only once the address is known to be within its bounds.
    const isUse = purpose === 'use' && found.session.bound === undefined;
    const visitor = isUse ? lookup.use(found, now) : found;
    const isWanted = cache.takesIn({ isReturning: known !== undefined });
    // Asking the memory may bring announcements, so staleness is looked at once more.
    if (isWanted && !read.isStale && memory.freshFor() > 0 && !read.isStale) {
      cache.put(ticket.cookie, visitor, now);
    }
    return visitor;
  };
  /** Several requests may share one read, each from an address of its own. */
  const settle = (visitor: Loaded, clientIp: string, purpose: Purpose): Found => {
    const bound = visitor?.session.bound;
    if (visitor === null || bound === undefined) return visitor;
    if (isElsewhere(bound, clientIp, places)) return elsewhere(visitor, clientIp);
    return purpose === 'use' ? lookup.use(visitor, clock.now()) : visitor;
  };
  const join = (cookie: string, clientIp: string, purpose: Purpose): Promise<Found> =>
    reads
      .join(cookie, (read) => load(cookie, purpose, read))
      .then((visitor) => settle(visitor, clientIp, purpose));
  const readAlone = (cookie: string, clientIp: string, purpose: Purpose): Promise<Found> =>
    reads
      .alone((read) => load(cookie, purpose, read))
      .then((visitor) => settle(visitor, clientIp, purpose));
  /** The session stays alive for its owner; this request does not extend it. */
  const elsewhere = ({ session }: SessionVisitor, clientIp: string): Elsewhere => {
    const { id: sessionId, userId } = session;
    events.emit({ type: 'session', change: 'elsewhere', sessionId, userId, clientIp });
    return { elsewhere: userId };
  };

  return {
    name: 'cookie',
    find({ header, clientIp }, purpose) {
      const cookies = header('cookie');
      const cookie = ticketIn(cookies);
      if (cookie === null) return hasSeveral(cookies, cookieName()) ? TWO : undefined;
      const freshFor = memory.freshFor();
      if (freshFor <= 0) {
        if (cache.size() > 0 || !reads.isEmpty()) memory.forgetAll();
        return readAlone(cookie, clientIp, purpose);
      }
      const entry = cache.get(cookie);
      if (entry === undefined) return join(cookie, clientIp, purpose);
      const now = clock.now();
      if (!isCurrent(entry, now, freshFor)) {
        // A session idle here may be in use at another process: the store decides.
        cache.drop(entry);
        return join(cookie, clientIp, purpose);
      }
      const { bound } = entry.visitor.session;
      if (bound !== undefined && isElsewhere(bound, clientIp, places)) {
        return elsewhere(entry.visitor, clientIp);
      }
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
