/**
 * Tickets once opened are remembered, since opening costs more than all the rest of a check.
 * What could not be opened is remembered apart, so that garbage never pushes out what is good.
 */
import { LRUCache } from 'lru-cache';
import type { Tickets, Vault } from '../core/ports.ts';
import type { Ticket } from '../core/session.ts';

/** A ticket with what is found by it. */
export interface Opened {
  readonly ticket: Ticket;
  /** `Session.id`. */
  readonly sessionId: string;
  /** The cookie's value as a string of its own: a slice would keep the whole header in memory. */
  readonly cookie: string;
}

/** Opens cookie values. */
export interface OpenedTickets {
  /** What is remembered: the ticket, null for a value that is none, undefined when not seen yet. */
  peek(cookie: string): Opened | null | undefined;
  open(cookie: string): Promise<Opened | null>;
  clear(): void;
}

/** How many refused values are kept; a stale cookie is sent with every request of a page. */
const REFUSED = 1000;

/** Remembers at most `capacity` opened tickets. */
export function createOpenedTickets(
  tickets: Tickets,
  vault: Vault,
  capacity: number,
): OpenedTickets {
  const opened = new LRUCache<string, Opened>({ max: capacity });
  const refused = new LRUCache<string, true>({ max: REFUSED });
  let round = 0;

  const peek = (cookie: string): Opened | null | undefined =>
    opened.get(cookie) ?? (refused.has(cookie) ? null : undefined);
  return {
    peek,
    async open(cookie) {
      const known = peek(cookie);
      if (known !== undefined) return known;
      const begun = round;
      const ticket = await tickets.open(cookie);
      const own = Buffer.from(cookie, 'latin1').toString('latin1');
      const found =
        ticket === null
          ? null
          : { ticket, sessionId: vault.name('session', ticket.id), cookie: own };
      // Opened under secrets that may have gone meanwhile: not remembered.
      if (begun !== round) return found;
      if (found === null) refused.set(own, true);
      else opened.set(own, found);
      return found;
    },
    clear() {
      round += 1;
      opened.clear();
      refused.clear();
    },
  };
}
