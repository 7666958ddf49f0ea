/** The visitor behind a request, by an ordered list of credential readers. */
import type { CredentialReader, PortalVisitors, Visitors } from '../../core/access/visitors.ts';
import { type CookieParts, createCookieReaders } from './cookie-reader.ts';

/** Visitors of one process. */
export interface VisitorRoom {
  /** On the hosts of apps. */
  readonly apps: Visitors;
  readonly portal: PortalVisitors;
  /** Visitors in memory. */
  remembered(): number;
  /** Ends the subscriptions to changes. */
  close(): void;
}

/** Joins the readers, in the order in which they are tried. */
export function createVisitors(parts: CookieParts): VisitorRoom {
  const cookies = createCookieReaders(parts);
  const { portal } = cookies;
  return {
    apps: { find: firstOf([cookies.apps]) },
    portal: { find: firstOf([portal]), ticket: (header) => portal.ticket(header) },
    remembered: () => cookies.remembered(),
    close: () => cookies.close(),
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
