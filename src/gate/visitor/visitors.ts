/** The visitor behind a request, by an ordered list of credential readers. */
import type { CredentialReader, PortalVisitors, Visitors } from '../../core/access/visitors.ts';
import { afterReply, createBackgroundWrites } from './background-writes.ts';
import { type CookieParts, createCookieReaders } from './cookie-reader.ts';
import { createTokenReader, type TokenParts } from './token-reader.ts';

/** What finding visitors needs. */
export interface VisitorParts extends CookieParts {
  /** Left out: no token is accepted. */
  readonly tokens?: Pick<TokenParts, 'accounts' | 'throttle' | 'rule'>;
}

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
export function createVisitors(parts: VisitorParts): VisitorRoom {
  const { tokens, directory, vault, clock, events, later = afterReply } = parts;
  const write = createBackgroundWrites(events, later);
  const cookies = createCookieReaders(parts);
  const token =
    tokens === undefined ? null : createTokenReader({ ...tokens, directory, vault, clock, write });
  const { portal } = cookies;
  const bySession = firstOf([cookies.apps]);
  // Nothing but a program sends a token of ours, so it says more than a cookie.
  const byAny = firstOf(token === null ? [cookies.apps] : [token, cookies.apps]);
  return {
    apps: {
      find: (request, purpose, accepts = null) =>
        accepts === null ? bySession(request, purpose) : byAny(request, purpose, accepts),
    },
    portal: { find: firstOf([portal]), ticket: (header) => portal.ticket(header) },
    remembered: () => cookies.remembered() + (token?.remembered() ?? 0),
    close() {
      cookies.close();
      token?.close();
    },
  };
}

/** The first reader that finds its credential decides; later ones are not tried. */
export function firstOf(readers: readonly CredentialReader[]): Visitors['find'] {
  return (request, purpose = 'use', accepts = null) => {
    for (const reader of readers) {
      const found = reader.find(request, purpose, accepts);
      if (found !== undefined) return found;
    }
    return null;
  };
}
