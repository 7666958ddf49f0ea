/**
 * Who sent a request: the same result for the gate, the portal and the flows. Implemented in
 * gate/visitor.
 */

import type { Ticket } from '../people/session.ts';
import type { CertificateFault, JwtFault } from '../people/token.ts';
import type { RequestFacts } from '../request/facts.ts';
import type { Accepts } from '../routes/accepts.ts';
import type { SessionVisitor, Visitor } from './decision.ts';

/** A live session used outside the network or country it is bound to. It is not accepted. */
export interface Elsewhere {
  /** `User.id` of the session's owner, for messages. It grants nothing. */
  readonly elsewhere: string;
}

/**
 * The request has two cookies of our name. One may have been planted, and nothing distinguishes it
 * from the visitor's own.
 */
export interface TwoCookies {
  readonly cookies: 'two';
}

/**
 * The cookie's ticket is for another host or domain than the requested one: it was stolen there, or
 * planted here. It is not accepted.
 */
export interface Misplaced {
  readonly misplaced: true;
}

/** The request shows a credential in place of a session, and it is not accepted. */
export interface Rejected {
  readonly rejected: CredentialFault;
  /** Epoch milliseconds before which no other credential is checked; left out if that is now. */
  readonly retryAt?: number;
}

/** What is wrong with a credential, as a stable code. */
type CredentialFault =
  /** Mistyped or cut off: the checksum does not fit. */
  | 'token/malformed'
  /** No token has this text; it may have been revoked. */
  | 'token/unknown'
  /** The username that was sent with the token is not that of its user. */
  | 'token/other-user'
  /** The user is disabled or deleted. */
  | 'token/no-user'
  /** The Authorization field is repeated, or no credential can be read from it. */
  | 'credential/malformed'
  /** A JSON Web Token does not count. */
  | JwtFault
  /** A client certificate does not count. */
  | CertificateFault
  /** Too many unknown tokens, or JSON Web Tokens with a wrong signature, from this address. */
  | 'token/throttled'
  /** The username is unknown or the password wrong. */
  | 'password/wrong'
  /** It is right, but must be changed first. */
  | 'password/expired'
  /** It is right, but its user has a second factor, which a password alone does not replace. */
  | 'password/second-factor'
  /** Too many wrong passwords for this name or from this address. */
  | 'password/throttled';

/** What the credentials of a request resolve to; null if there are none or they are invalid. */
export type Found = Visitor | Elsewhere | TwoCookies | Misplaced | Rejected | null;

/** Why there is no visitor, as a stable code. */
export type Absence =
  | 'session/none'
  | 'session/elsewhere'
  | 'session/two-cookies'
  | 'session/other-host'
  | CredentialFault;

/** The parts of `RequestFacts` that contain credentials. */
export type Presented = Pick<RequestFacts, 'header' | 'clientIp' | 'host' | 'viaTrustedProxy'>;

/** `use`: the request extends the session's idle time. `look`: it does not. */
export type Purpose = 'use' | 'look';

/** Reads one kind of credential. */
export interface CredentialReader {
  /** Such as `cookie`; unique in the list of readers. */
  readonly name: string;
  /**
   * Resolves the request's credential of this kind. Undefined if there is none: then the next
   * reader is tried. Any other result is final, so two credentials never combine. Synchronous if
   * the visitor is cached. Rejects with a Problem if a store is down. `accepts` as for `Visitors`.
   */
  find(
    request: Presented,
    purpose: Purpose,
    accepts?: Accepts | null,
  ): Found | undefined | Promise<Found>;
}

/** Finds visitors by their credentials. */
export interface Visitors {
  /**
   * The visitor behind a request, from the first reader that finds a credential of its kind.
   * `purpose` defaults to `use`. `accepts`: what counts in place of a session; by default,
   * nothing. Rejects with a Problem if a store is down.
   */
  find(request: Presented, purpose?: Purpose, accepts?: Accepts | null): Found | Promise<Found>;
}

/** Finds the visitors of the portal and its flows, which accept only the portal's own cookie. */
export interface PortalVisitors extends Visitors {
  /** The ticket in a Cookie header, for rotation and sign-out; null for none. */
  ticket(cookieHeader: string | null): Promise<Ticket | null>;
}

/** The visitor, whether by session or by token, or null. */
export function presentOf(found: Found): Visitor | null {
  return found !== null && 'user' in found ? found : null;
}

/** The visitor if signed in, else null. A token opens neither the portal nor a flow. */
export function signedInOf(found: Found): SessionVisitor | null {
  const visitor = presentOf(found);
  return visitor !== null && hasSession(visitor) ? visitor : null;
}

/** Whether the visitor signed in, rather than presenting a token. */
function hasSession(visitor: Visitor): visitor is SessionVisitor {
  return visitor.session !== null;
}

/** Why there is no visitor. */
export function absenceOf(found: Found): Absence {
  if (found === null || 'user' in found) return 'session/none';
  if ('rejected' in found) return found.rejected;
  if ('misplaced' in found) return 'session/other-host';
  return 'cookies' in found ? 'session/two-cookies' : 'session/elsewhere';
}

/** When a credential is checked again, in epoch milliseconds; null if that is now. */
export function retryAtOf(found: Found): number | null {
  return found !== null && 'rejected' in found ? (found.retryAt ?? null) : null;
}
