/** The visitor behind a request, by an ordered list of credential readers. */
import type {
  CredentialReader,
  Found,
  PortalVisitors,
  Visitors,
} from '../../core/access/visitors.ts';
import type { CheckPassword } from '../../core/proof/basic-password.ts';
import type { CheckCertificate } from '../../core/credential/certificate.ts';
import type { JwtVerifier } from '../../core/proof/jwt.ts';
import { afterReply, createBackgroundWrites } from './background-writes.ts';
import { type CookieParts, createCookieReaders } from './cookie-reader.ts';
import { createCertificateReader } from '../credential/certificate-reader.ts';
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
  /** Left out: no client certificate is accepted. */
  readonly checkCertificate?: CheckCertificate;
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
  const { live, directory, vault, clock, checkCertificate: check } = parts;
  const certificate =
    check === undefined ? null : createCertificateReader({ live, directory, vault, clock, check });
  const fields = createProgramReaders(parts);
  const programs = certificate === null ? fields : [...fields, certificate];
  const { portal } = cookies;
  const bySession = firstOf([cookies.apps]);
  // Nothing but a program sends a credential of ours in a field, so it says more than a cookie.
  const byAny = firstOf([
    ...fields,
    certificate === null ? cookies.apps : sessionOr(cookies.apps, certificate),
  ]);
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

/**
 * A live session before a certificate, which browsers show with every request; but a session that has ended
 * says nothing. Where sessions do not count, a certificate comes first.
 */
function sessionOr(cookie: CredentialReader, certificate: CredentialReader): CredentialReader {
  return {
    name: 'session or certificate',
    find(request, purpose, accepts = null) {
      if (accepts?.certificate !== true) return cookie.find(request, purpose);
      const byCertificate = (): Found | undefined | Promise<Found> =>
        certificate.find(request, purpose, accepts);
      if (!accepts.session) return byCertificate() ?? cookie.find(request, purpose);
      const session = cookie.find(request, purpose);
      if (!(session instanceof Promise)) return session ?? byCertificate();
      return session.then((found) => found ?? byCertificate() ?? null);
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
