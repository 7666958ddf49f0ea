/** A session: who signed in, with which methods and when. The server checks the deadlines here. */
import type { Vault } from '../values/system.ts';
import type { User } from './user.ts';

/** A method that proves a user, such as `password`, `totp`, `webauthn`. */
export type Method = string;

/** A method by which the user was proved. */
export interface Proof {
  readonly method: Method;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A live session as stored. Times are epoch milliseconds. */
export interface Session {
  readonly v: 1;
  /** Public id for lists and revocation: a one-way hash of the ticket's id. */
  readonly id: string;
  /** `User.id`. */
  readonly userId: string;
  /** Oldest first. Never empty. */
  readonly proofs: readonly Proof[];
  readonly createdAt: number;
  /** Last use, accurate to the minute. */
  readonly seenAt: number;
  /** Absolute end. */
  readonly expiresAt: number;
  /** Longest time between two uses, in milliseconds. */
  readonly idle: number;
  /** Address and user agent at the start, for the list of sessions. */
  readonly client: { readonly ip: string; readonly agent: string };
  /** Where the session may be used (see place.ts). If absent, anywhere. */
  readonly bound?: Bound;
  /**
   * One-way name of the device cookie of the browser in which the session started. Absent in
   * sessions of older gateways.
   */
  readonly device?: string;
  /** The user chose to stay signed in, so the cookie lasts as long as the session. */
  readonly remembered?: true;
  /**
   * When the ticket was issued. Each rotation renews it, whereas `createdAt` remains. Absent in
   * sessions of older gateways, where `createdAt` counts instead.
   */
  readonly issuedAt?: number;
  /** `User.passwordSetAt` when the ticket was issued. Absent in sessions of older gateways. */
  readonly passwordSetAt?: number | null;
  /** The source that vouched for the user, whose account may be checked again; absent for any other session. */
  readonly source?: string;
}

/** What a session is bound to. If both properties are present, both must match. */
export interface Bound {
  /** As returned by `networkOf`. */
  readonly network?: string;
  /** As returned by `Places.countryOf`. */
  readonly country?: string;
}

/** The content of the session cookie, encrypted there: the session's id and half of its key. */
export interface Ticket {
  /** At least 128 bits, base64url. */
  readonly id: string;
  /** 256 bits, base64url; never stored on the server. */
  readonly secret: string;
  /**
   * One-way name of the session's user (`ticketUser`), which remains known when the session has ended. It
   * grants nothing. Absent in tickets of older gateways.
   */
  readonly user?: string;
}

/** The name of a user in tickets, 128 bits as base64url. */
export function ticketUser(vault: Pick<Vault, 'name'>, userId: string): string {
  return vault.name('ticket-user', userId);
}

/** A ticket as a cookie contains it: valid in one place. */
export interface ScopedTicket extends Ticket {
  /** Where it is valid, as core/setup/ticket-cookie.ts writes it; at most 300 characters. */
  readonly scope: string;
}

/** The part of a session that is readable without its ticket, for lists and revocation. */
export type SessionSummary = Omit<
  Session,
  | 'v'
  | 'proofs'
  | 'idle'
  | 'bound'
  | 'device'
  | 'remembered'
  | 'issuedAt'
  | 'passwordSetAt'
  | 'source'
>;

/** Shortest time between two writes of `seenAt`, in milliseconds. */
export const TOUCH_EVERY = 60_000;

/** Accepted difference between the clocks of gateways, in milliseconds. */
export const SKEW = 60_000;

/**
 * Whether the session is valid at `now`; both deadlines are exclusive. A session from the future is
 * invalid: the clock has been set back, so its age is unknown.
 */
export function isLive(
  session: Pick<Session, 'createdAt' | 'seenAt' | 'expiresAt' | 'idle'>,
  now: number,
): boolean {
  const { createdAt, seenAt, expiresAt, idle } = session;
  const isAhead = createdAt - now > SKEW || seenAt - now > SKEW;
  return now < expiresAt && now - seenAt < idle && !isAhead;
}

/**
 * Whether the user's password is still the one of the time when the ticket was issued. Compares what the
 * directory says now with what it said then, so its clock may differ from ours. A later time is a new password,
 * set here or elsewhere; a time that is gone may hide one.
 */
export function isOfPassword(
  session: Pick<Session, 'passwordSetAt' | 'issuedAt' | 'createdAt'>,
  { passwordSetAt: now }: Pick<User, 'passwordSetAt'>,
): boolean {
  const { passwordSetAt: then = session.issuedAt ?? session.createdAt } = session;
  if (session.passwordSetAt === undefined && now === null) return true;
  return then === null || now === null ? then === now : now <= then;
}

/** Whether to store this use: at most every minute, but often enough for short idle times. */
export function isTouchDue(session: Session, now: number): boolean {
  return now - session.seenAt >= Math.min(TOUCH_EVERY, session.idle / 4);
}

/**
 * Whether `at` is less than `span` milliseconds before `now`; the limit is exclusive. False for a
 * time in the future: the clock has been set back, so the age is unknown.
 */
export function isRecent(at: number, span: number, now: number): boolean {
  const age = now - at;
  return age < span && age >= -SKEW;
}

/** Adds a proof. The result has the newest proof of each method, oldest first. */
export function addProof(proofs: readonly Proof[], proof: Proof): readonly Proof[] {
  return [...proofs.filter((p) => p.method !== proof.method), proof].sort((a, b) => a.at - b.at);
}

/** Converts tickets to cookie values and back. */
export interface Tickets {
  /** A value that is valid in this scope alone. */
  seal(ticket: Ticket, scope: string): Promise<string>;
  /**
   * Null if the value is malformed, or was sealed with another secret or for another purpose. Never
   * rejects.
   */
  open(value: string): Promise<ScopedTicket | null>;
}
