/**
 * Opened tickets by cookie value. Opening one is pure, and depends on secrets that only a restart
 * changes, so a reload of the configuration leaves this cache as it is.
 */
import { LRUCache } from 'lru-cache';
import type { ScopedTicket, Tickets } from '../../core/people/session.ts';
import type { Vault } from '../../core/values/system.ts';

/** A ticket and the keys to what it stands for. */
export interface Opened {
  readonly ticket: ScopedTicket;
  /** `Session.id`. */
  readonly sessionId: string;
  /** The cookie's value as a string of its own: a slice would keep the whole header in memory. */
  readonly cookie: string;
}

/** Opens cookie values. */
export interface OpenedTickets {
  /** From the cache: the ticket, null for an invalid value, undefined for one not seen yet. */
  peek(cookie: string): Opened | null | undefined;
  /** The ticket, or null for an invalid value. */
  open(cookie: string): Promise<Opened | null>;
}

/** Invalid values kept; browsers send a stale cookie with every request of a page. */
const REFUSED = 1000;

/** Keeps at most `capacity` opened tickets. */
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
      if (ticket === null) {
        refused.set(own, true);
        return null;
      }
      const found = { ticket, sessionId: vault.name('session', ticket.id), cookie: own };
      opened.set(own, found);
      return found;
    },
  };
}
