/** A session: who signed in, by which methods and when. Deadlines are judged here, on the server. */

/** What proved the user, e.g. `password`, `totp`, `webauthn`. */
export type Method = string;

/** One method that proved the user. */
export interface Proof {
  readonly method: Method;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A live session as the store keeps it. Times are epoch milliseconds. */
export interface Session {
  readonly v: 1;
  /** Public id for lists and revocation: a hash of the ticket's id; cannot be turned back. */
  readonly id: string;
  /** `User.id`. */
  readonly userId: string;
  /** Methods used, oldest first. Never empty. */
  readonly proofs: readonly Proof[];
  readonly createdAt: number;
  /** Last use, to the minute. */
  readonly seenAt: number;
  /** Absolute end. */
  readonly expiresAt: number;
  /** Longest pause between two uses, in milliseconds. */
  readonly idle: number;
  /** Address and user agent at the start, for the list of sessions. */
  readonly client: { readonly ip: string; readonly agent: string };
  /** Where alone it may be used (see place.ts); absent: anywhere. */
  readonly bound?: Bound;
  /** One-way name of the device cookie of the browser it began in; absent in sessions of older gateways. */
  readonly device?: string;
  /** Somebody asked to stay signed in: the ticket's cookie lives as long as the session. */
  readonly remembered?: true;
  /**
   * When this ticket was issued: sealed anew with each rotation, where `createdAt` stays. Absent in
   * sessions of older gateways: then `createdAt` counts.
   */
  readonly issuedAt?: number;
}

/** Places a session is bound to. Where there are both, both must be right. */
export interface Bound {
  /** As `networkOf` names it. */
  readonly network?: string;
  /** As `Places.countryOf` says it. */
  readonly country?: string;
}

/** What the browser holds, sealed: where the session is and half of the key to it. */
export interface Ticket {
  /** 128 bit or more, base64url. */
  readonly id: string;
  /** 256 bit, base64url; never stored on the server. */
  readonly secret: string;
}

/** The clear part of a session that lists and revocation need. */
export type SessionEntry = Omit<
  Session,
  'v' | 'proofs' | 'idle' | 'bound' | 'device' | 'remembered' | 'issuedAt'
>;

/** How often a use is written back at most, in milliseconds. */
export const TOUCH_EVERY = 60_000;

/** By how much the clocks of gateways may differ, in milliseconds. */
export const SKEW = 60_000;

/**
 * Whether the session still counts at `now`; both deadlines are exclusive. One that lies ahead of the
 * clock does not: since the clock was put back, nothing tells how old it is.
 */
export function isLive(
  session: Pick<Session, 'createdAt' | 'seenAt' | 'expiresAt' | 'idle'>,
  now: number,
): boolean {
  const { createdAt, seenAt, expiresAt, idle } = session;
  const isAhead = createdAt - now > SKEW || seenAt - now > SKEW;
  return now < expiresAt && now - seenAt < idle && !isAhead;
}

/** Whether this use should be written back: at most once a minute, and in time for short idle times. */
export function isTouchDue(session: Session, now: number): boolean {
  return now - session.seenAt >= Math.min(TOUCH_EVERY, session.idle / 4);
}

/**
 * Whether something happened less than `span` milliseconds ago; the bound is exclusive. What lies
 * ahead happened before the clock was put back: nobody knows how long ago, so it is a no.
 */
export function isRecent(at: number, span: number, now: number): boolean {
  const age = now - at;
  return age < span && age >= -SKEW;
}

/** The proofs after another one: one a method, the newest counts, oldest first. */
export function addProof(proofs: readonly Proof[], proof: Proof): readonly Proof[] {
  return [...proofs.filter((p) => p.method !== proof.method), proof].sort((a, b) => a.at - b.at);
}

/** Turns tickets into cookie values and back. */
export interface Tickets {
  seal(ticket: Ticket): Promise<string>;
  /** Null for garbage, other secrets, other purposes. Never throws. */
  open(value: string): Promise<Ticket | null>;
}
