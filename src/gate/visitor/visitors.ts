/** The visitor behind a request, by an ordered list of credential readers. */
import type { CredentialReader, PortalVisitors, Visitors } from '../../core/access/visitors.ts';
import type { CheckPassword } from '../../core/proof/basic-password.ts';
import type { JwtVerifier } from '../../core/proof/jwt.ts';
import { afterReply, createBackgroundWrites } from './background-writes.ts';
import { type CookieParts, createCookieReaders } from './cookie-reader.ts';
import { createJwtReader } from '../credential/jwt-reader.ts';
import { createPasswordReader } from '../credential/password-reader.ts';
import type { ProgramReader } from '../credential/program-reader.ts';
import { createTokenReader, type TokenParts } from '../credential/token-reader.ts';

/** What finding visitors needs. */
export interface VisitorParts extends CookieParts {
  /** Left out: no token is accepted. */
  readonly tokens?: Pick<TokenParts, 'accounts' | 'throttle' | 'rule'>;
  /** Left out, as without tokens: no password is accepted in an Authorization field. */
  readonly checkPassword?: CheckPassword;
  /** Left out, as without tokens: no JSON Web Token is accepted. */
  readonly jwtVerifier?: JwtVerifier;
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
  const cookies = createCookieReaders(parts);
  const programs = createProgramReaders(parts);
  const { portal } = cookies;
  const bySession = firstOf([cookies.apps]);
  // Nothing but a program sends a credential of ours in a field, so it says more than a cookie.
  const byAny = firstOf([...programs, cookies.apps]);
  return {
    apps: {
      find: (request, purpose, accepts = null) =>
        accepts === null ? bySession(request, purpose) : byAny(request, purpose, accepts),
    },
    portal: { find: firstOf([portal]), ticket: (header) => portal.ticket(header) },
    remembered: () =>
      programs.reduce((sum, reader) => sum + reader.remembered(), cookies.remembered()),
    close() {
      cookies.close();
      for (const reader of programs) reader.close();
    },
  };
}

/** Of what programs send. A token tells itself apart from a password by its prefix. */
function createProgramReaders(parts: VisitorParts): readonly ProgramReader[] {
  const { tokens, checkPassword: check, jwtVerifier: verifier } = parts;
  const { live, directory, vault, clock, events } = parts;
  const write = createBackgroundWrites(events, parts.later ?? afterReply);
  const shared = { directory, vault, clock };
  const accounts = tokens?.accounts;
  return [
    ...(tokens === undefined ? [] : [createTokenReader({ ...tokens, ...shared, write })]),
    ...(verifier === undefined || tokens === undefined
      ? []
      : [createJwtReader({ ...tokens, ...shared, live, verifier })]),
    ...(check === undefined || accounts === undefined
      ? []
      : [createPasswordReader({ ...shared, accounts, check })]),
  ];
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
