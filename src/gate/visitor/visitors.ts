/** The visitor behind a request, by an ordered list of credential readers. */
import type { CredentialReader, Visitors } from '../../core/access/visitors.ts';
import { type CookieParts, createCookieReader } from './cookie-reader.ts';

/** Visitors of one process. */
export interface VisitorRoom extends Visitors {
  /** Visitors in memory. */
  remembered(): number;
  /** Ends the subscriptions to changes. */
  close(): void;
}

/** Joins the readers, in the order in which they are tried. */
export function createVisitors(parts: CookieParts): VisitorRoom {
  const cookie = createCookieReader(parts);
  return {
    find: firstOf([cookie]),
    ticket: (header) => cookie.ticket(header),
    remembered: () => cookie.remembered(),
    close: () => cookie.close(),
  };
}

/** The first reader that finds its credential decides; later ones are not tried. */
export function firstOf(readers: readonly CredentialReader[]): Visitors['find'] {
  return (request, purpose = 'use') => {
    for (const reader of readers) {
      const found = reader.find(request, purpose);
      if (found !== undefined) return found;
    }
    return null;
  };
}
