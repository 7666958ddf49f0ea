/** Who sent a request: one answer for the gate, the portal and the flows. Implemented in gate/visitor. */
import type { SessionVisitor, Visitor } from './decision.ts';
import type { RequestFacts } from '../request/facts.ts';
import type { Ticket } from '../people/session.ts';

/** A live session used outside the network or country that it is bound to: not accepted here. */
export interface Elsewhere {
  /** `User.id` of the session's owner, for messages. It grants nothing. */
  readonly elsewhere: string;
}

/** The request has two cookies of our name, so the visitor's own cannot be told from a planted one. */
export interface TwoCookies {
  readonly cookies: 'two';
}

/** What the credentials of a request amount to; null for no credential or an invalid one. */
export type Found = Visitor | Elsewhere | TwoCookies | null;

/** Why there is no visitor, as a stable code. */
export type Absence = 'session/none' | 'session/elsewhere' | 'session/two-cookies';

/** What credentials are read from; `RequestFacts` has it. */
export type Presented = Pick<RequestFacts, 'header' | 'clientIp'>;

/** `use`: the request extends the session's idle time. `look`: it does not. */
export type Purpose = 'use' | 'look';

/** Reads one kind of credential. */
export interface CredentialReader {
  /** `cookie`; unique in the list of readers. */
  readonly name: string;
  /**
   * What this request's credential of this kind amounts to; undefined when it has none, so that the
   * next reader is tried. Anything else is final: two credentials never combine. Synchronous when
   * the visitor is remembered. Rejects with a Problem when a store is down.
   */
  find(request: Presented, purpose: Purpose): Found | undefined | Promise<Found>;
}

/** Finds visitors by their credentials. */
export interface Visitors {
  /**
   * The visitor behind a request, by the first reader that finds a credential of its kind.
   * `purpose` defaults to `use`. Rejects with a Problem when a store is down.
   */
  find(request: Presented, purpose?: Purpose): Found | Promise<Found>;
  /** The ticket in a Cookie header, for rotation and sign-out; null for none. */
  ticket(cookieHeader: string | null): Promise<Ticket | null>;
}

/** The visitor, by session or token, or null. */
export function presentOf(found: Found): Visitor | null {
  return found !== null && 'user' in found ? found : null;
}

/** The visitor if signed in; null for a token, which opens neither the portal nor a flow. */
export function signedInOf(found: Found): SessionVisitor | null {
  const visitor = presentOf(found);
  return visitor !== null && hasSession(visitor) ? visitor : null;
}

/** Tells a visitor who signed in from one with a token. */
function hasSession(visitor: Visitor): visitor is SessionVisitor {
  return visitor.session !== null;
}

/** Why there is no visitor. */
export function absenceOf(found: Found): Absence {
  if (found === null || 'user' in found) return 'session/none';
  return 'cookies' in found ? 'session/two-cookies' : 'session/elsewhere';
}
