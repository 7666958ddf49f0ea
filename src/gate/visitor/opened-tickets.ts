/**
 * Remembers opened tickets, since opening one costs more than all the rest of a check. Refused
 * values are remembered apart, so that garbage never pushes out good tickets. What a cookie opens
 * to depends on the session secrets alone, and those change only with a restart: a reload of the
 * configuration leaves this memory as it is.
 */
import { LRUCache } from 'lru-cache';
import type { Tickets } from '../../core/people/session.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Ticket } from '../../core/people/session.ts';

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

  const peek = (cookie: string): Opened | null | undefined =>
    opened.get(cookie) ?? (refused.has(cookie) ? null : undefined);
  return {
    peek,
    async open(cookie) {
      const known = peek(cookie);
      if (known !== undefined) return known;
      const ticket = await tickets.open(cookie);
      const own = Buffer.from(cookie, 'latin1').toString('latin1');
      const found =
        ticket === null
          ? null
          : { ticket, sessionId: vault.name('session', ticket.id), cookie: own };
      if (found === null) refused.set(own, true);
      else opened.set(own, found);
      return found;
    },
  };
}
