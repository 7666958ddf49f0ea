/** Who a cookie header belongs to; one answer for every door. Implemented in gate/visitor/visitors.ts. */
import type { Visitor } from './decision.ts';
import type { Ticket } from '../people/session.ts';

/** A live session that is used from another place than it is bound to: as good as none here. */
export interface Elsewhere {
  /** `User.id` of whose it is; nobody is taken for them by it. */
  readonly elsewhere: string;
}

/** Two cookies of our name came along: which one is the visitor's own cannot be known. */
export interface TwoCookies {
  readonly cookies: 'two';
}

/** What was found. */
export type Found = Visitor | Elsewhere | TwoCookies | null;

/** Why there is no visitor, as a stable code. */
export type Absence = 'session/none' | 'session/elsewhere' | 'session/two-cookies';

/** Turns the Cookie header into a visitor. */
export interface Visitors {
  /**
   * The live session and its enabled user, or null for none, a damaged, foreign or ended one. `clientIp` is the canonical address that asks (`RequestFacts.clientIp`). Synchronous
   * when remembered. Rejects with a Problem when the store is down. `isUse: false` only looks: the
   * session does not live longer by it; true unless told.
   */
  find(cookieHeader: string | null, clientIp: string, isUse?: boolean): Found | Promise<Found>;
  /** The ticket itself, for rotation and sign-out. */
  ticket(cookieHeader: string | null): Promise<Ticket | null>;
}

/** Who is there, for doors to which a session used elsewhere is none. */
export function presentOf(found: Found): Visitor | null {
  return found !== null && 'session' in found ? found : null;
}

/** Why nobody is there. */
export function absenceOf(found: Found): Absence {
  if (found === null || 'session' in found) return 'session/none';
  return 'cookies' in found ? 'session/two-cookies' : 'session/elsewhere';
}
