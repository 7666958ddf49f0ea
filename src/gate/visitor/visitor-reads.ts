/**
 * Visitors that are not in memory: the ticket is opened, session and user are read, and the visitor
 * is cached unless a change was announced meanwhile. A store that does not answer rejects.
 */
import type { Found, Misplaced, Purpose } from '../../core/access/visitors.ts';
import type { Clock } from '../../core/values/system.ts';
import type { FindAway } from './away.ts';
import type { OpenedTickets } from './opened-tickets.ts';
import type { SessionLookup } from './session-lookup.ts';
import type { Loaded, Read } from './shared-reads.ts';
import type { VisitorMemory } from './visitor-memory.ts';

/** What reading visitors needs. */
export interface VisitorReadParts {
  readonly opened: OpenedTickets;
  readonly lookup: SessionLookup;
  readonly memory: VisitorMemory;
  readonly findAway: FindAway;
  readonly clock: Clock;
}

/** A cookie as a request presents it. */
interface Use {
  readonly clientIp: string;
  /** Where the ticket must be valid. */
  readonly scope: string;
  readonly purpose: Purpose;
}

/** Reads the visitor of a cookie. */
type ReadVisitor = (cookie: string, use: Use) => Promise<Found>;

/** A ticket for another place. It was not used: its session was neither read nor extended. */
export const MISPLACED: Misplaced = { misplaced: true };

/** Both ways of reading. */
export interface VisitorReads {
  /** Shares the read under way for this cookie. */
  readonly shared: ReadVisitor;
  /** Shares and caches nothing: for when changes may go unannounced. */
  readonly alone: ReadVisitor;
}

/** Reads into this memory. */
export function createVisitorReads(parts: VisitorReadParts): VisitorReads {
  const { opened, lookup, memory, findAway, clock } = parts;
  const { cache, reads } = memory;

  const load = async (cookie: string, { scope, purpose }: Use, read: Read): Promise<Loaded> => {
    const known = opened.peek(cookie);
    const ticket = known === undefined ? await opened.open(cookie) : known;
    if (ticket === null) return null;
    if (ticket.ticket.scope !== scope) return MISPLACED;
    const now = clock.now();
    const found = await lookup.find(ticket, read);
    if (found === null) return null;
    // A bound session's use counts only after the address was found to be within its bounds.
    const isUse = purpose === 'use' && found.session.bound === undefined;
    const visitor = isUse ? lookup.use(found, now) : found;
    const isWanted = cache.takesIn({ isReturning: known !== undefined });
    // `freshFor` may deliver announcements, so staleness is checked again after it.
    if (isWanted && !read.isStale && memory.freshFor() > 0 && !read.isStale) {
      const { goodUntil } = read;
      cache.put({ cookie: ticket.cookie, scope, visitor, storedAt: now, goodUntil });
    }
    return visitor;
  };
  /** Several requests may share one read, each from an address of its own. */
  const settle = (visitor: Loaded, { clientIp, purpose }: Use): Found => {
    if (visitor === null || 'misplaced' in visitor) return visitor;
    if (visitor.session.bound === undefined) return visitor;
    const away = findAway(visitor, clientIp);
    if (away !== null) return away;
    return purpose === 'use' ? lookup.use(visitor, clock.now()) : visitor;
  };

  return {
    shared: (cookie, use) =>
      reads
        .join(`${use.scope} ${cookie}`, (read) => load(cookie, use, read))
        .then((visitor) => settle(visitor, use)),
    alone: (cookie, use) =>
      reads.alone((read) => load(cookie, use, read)).then((visitor) => settle(visitor, use)),
  };
}
