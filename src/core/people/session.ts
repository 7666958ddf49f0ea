/** A session: who signed in, by which methods and when. Deadlines are checked here, on the server. */

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
  /** Public id for lists and revocation: a one-way hash of the ticket's id. */
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
  /** The only places where it may be used (see place.ts); absent: anywhere. */
  readonly bound?: Bound;
  /** One-way name of the device cookie of the browser it started in; absent in sessions of older gateways. */
  readonly device?: string;
  /** The user chose to stay signed in: the ticket's cookie lives as long as the session. */
  readonly remembered?: true;
  /**
   * When this ticket was issued: sealed anew with each rotation, where `createdAt` stays. Absent in
   * sessions of older gateways: then `createdAt` counts.
   */
  readonly issuedAt?: number;
}

/** What a session is bound to. If both are present, both must match. */
export interface Bound {
  /** As returned by `networkOf`. */
  readonly network?: string;
  /** As returned by `Places.countryOf`. */
  readonly country?: string;
}

/** What the browser holds, sealed: the session's id and half of its key. */
export interface Ticket {
  /** 128 bit or more, base64url. */
  readonly id: string;
  /** 256 bit, base64url; never stored on the server. */
  readonly secret: string;
}

/** The part of a session that is readable without its ticket: what lists and revocation need. */
export type SessionSummary = Omit<
  Session,
  'v' | 'proofs' | 'idle' | 'bound' | 'device' | 'remembered' | 'issuedAt'
>;

/** How often a use is written back at most, in milliseconds. */
export const TOUCH_EVERY = 60_000;

/** How much the clocks of gateways may differ, in milliseconds. */
export const SKEW = 60_000;

/**
 * Whether the session is valid at `now`; both deadlines are exclusive. A session from the future is not:
 * the clock was set back since, so its age is unknown.
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
 * Whether `at` is less than `span` milliseconds before `now`; the bound is exclusive. False for a time in
 * the future: the clock was set back since, so its age is unknown.
 */
export function isRecent(at: number, span: number, now: number): boolean {
  const age = now - at;
  return age < span && age >= -SKEW;
}

/** The proofs after a further one: one per method (the newest), oldest first. */
export function addProof(proofs: readonly Proof[], proof: Proof): readonly Proof[] {
  return [...proofs.filter((p) => p.method !== proof.method), proof].sort((a, b) => a.at - b.at);
}

/** Turns tickets into cookie values and back. */
export interface Tickets {
  seal(ticket: Ticket): Promise<string>;
  /** Null for a malformed value, another secret or another purpose. Never rejects. */
  open(value: string): Promise<Ticket | null>;
}
