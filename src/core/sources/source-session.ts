/**
 * What is kept of a source for a session that began with it: who the provider says it is, and the tokens
 * with which it can be asked again. Sealed with the session's ticket, and gone with the session. Pure.
 */
import type { Session, Ticket } from '../people/session.ts';
import type { Json } from '../values/json.ts';
import { isRecord } from '../values/record.ts';
import type { Vault } from '../values/system.ts';
import type { SourceRule } from './source-rule.ts';
import type { SourceProfile } from './source.ts';

/** Longest token that is kept, in characters. A longer ID token would not fit in a URL anyway. */
const MAX_KEPT_TOKEN = 4096;

/** The key in a plan's `learned` for what its session will keep. */
export const KEPT_KEY = 'source.kept';

/** How long it is remembered that a provider withdrew a sign-in: longer than any run lasts, in milliseconds. */
export const WITHDRAWAL_KEPT = 3_600_000;

/** A sign-in as its provider names it. */
export interface SourceVisit {
  /** The key under `sources`. */
  readonly source: string;
  readonly issuer: string;
  readonly subject: string;
  /** The provider's session; null if it named none. */
  readonly sid: string | null;
}

/** What a session keeps. Times are epoch milliseconds. */
export interface SourceSession extends SourceVisit {
  /** A secret. Null if the source is not checked again, or issues none. */
  readonly refreshToken: string | null;
  /** Personal data. Null unless a sign-out leads to the provider. */
  readonly idToken: string | null;
  /** When the provider last vouched for the account. */
  readonly vouchedAt: number;
  /** When it was last asked to. */
  readonly askedAt: number;
  /** Until when a gateway is asking, so that no other does; 0 for none. */
  readonly claimedUntil: number;
  /** The last answer was not valid: the session does not count until one is. */
  readonly isDoubted: boolean;
}

/** As read from a store. */
export interface KeptSourceSession extends SourceSession {
  readonly revision: number;
}

/** Which sessions a provider, or a rule, no longer vouches for. At least one of `subject` and `sid` is not null. */
export type Withdrawal = Pick<SourceVisit, 'source' | 'issuer' | 'sid'> & {
  readonly subject: string | null;
};

/** Storage beside the sessions. Promises reject with a Problem. */
export interface SourceSessions {
  /**
   * Keeps it for the session of this ticket, before that session is stored, until the session's
   * absolute end. False if it was withdrawn after the provider had vouched: the session must not begin.
   */
  keep(ticket: Ticket, kept: SourceSession, until: number): Promise<boolean>;
  /** Null if nothing is kept, or it was not sealed with this ticket. */
  read(ticket: Ticket): Promise<KeptSourceSession | null>;
  /** Replaces what was read at this revision; false if it has changed or ended since. */
  replace(ticket: Ticket, kept: SourceSession, revision: number): Promise<boolean>;
  /** For a session that was not stored after all. */
  forget(ticket: Ticket): Promise<void>;
  /**
   * Remembers the withdrawal for `WITHDRAWAL_KEPT`, and returns the public ids of the sessions concerned:
   * those of `sid`, or all of `subject` without one. The caller ends them.
   */
  withdraw(withdrawal: Withdrawal): Promise<readonly string[]>;
}

/**
 * Asks the provider again if it is time. Resolves with the time until which that is enough, or null if
 * the session does not count: it has ended, or the provider has not vouched for too long.
 */
export type ConfirmSession = (
  ticket: Ticket,
  session: Session & { readonly source: string },
) => Promise<number | null>;

/** What a session will keep of an account that the provider has just vouched for. */
export function keptOf(
  { name, recheck, signOut }: SourceRule,
  profile: SourceProfile,
  now: number,
): SourceSession {
  const { issuer, subject, sid, refreshToken, idToken } = profile;
  return {
    source: name,
    issuer,
    subject,
    sid,
    refreshToken: recheck === null ? null : fitting(refreshToken),
    idToken: signOut ? fitting(idToken) : null,
    vouchedAt: now,
    askedAt: now,
    claimedUntil: 0,
    isDoubted: false,
  };
}

function fitting(token: string | null): string | null {
  return token !== null && token.length <= MAX_KEPT_TOKEN ? token : null;
}

/** What a plan learned; null if no source proved its user. */
export function keptIn(learned: Readonly<Record<string, Json>>): SourceSession | null {
  return keptFrom(learned[KEPT_KEY]);
}

/** The sealed record. */
export function sealKept(vault: Vault, ticket: Ticket, kept: SourceSession): Uint8Array {
  const id = vault.name('session', ticket.id);
  return vault.seal('source-session', ticket.secret, JSON.stringify({ ...kept, id }));
}

/** The record of this ticket; null if it was sealed with another, or for another session. */
export function openKept(vault: Vault, ticket: Ticket, sealed: Uint8Array): SourceSession | null {
  const text = vault.open('source-session', ticket.secret, sealed);
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  const isOwn = isRecord(value) && value.id === vault.name('session', ticket.id);
  return isOwn ? keptFrom(value) : null;
}

/** One-way names under which a session is found again: its account, and its visit to the provider. */
export function namesOf(vault: Pick<Vault, 'name'>, visit: SourceVisit) {
  const { source, issuer, subject, sid } = visit;
  return {
    account: vault.name('source-account', JSON.stringify([source, issuer, subject])),
    visit: vault.name(
      'source-visit',
      JSON.stringify(sid === null ? [source, issuer, 0, subject] : [source, issuer, 1, sid]),
    ),
  };
}

/** The names of what a withdrawal is about. Of an account, also the sessions without a `sid`: one of them may be meant. */
export function namesWithdrawn(
  vault: Pick<Vault, 'name'>,
  { subject, sid, ...about }: Withdrawal,
): readonly string[] {
  const of = (one: string, session: string | null) =>
    namesOf(vault, { ...about, subject: one, sid: session });
  if (sid === null) return subject === null ? [] : [of(subject, null).account];
  const named = of('', sid).visit;
  return subject === null ? [named] : [named, of(subject, null).visit];
}

/** What a plan or a store contains; null for anything else. */
export function keptFrom(value: unknown): SourceSession | null {
  if (!isRecord(value)) return null;
  const { source, issuer, subject, sid, refreshToken, idToken } = value;
  const { vouchedAt, askedAt, claimedUntil, isDoubted } = value;
  if (typeof source !== 'string' || typeof issuer !== 'string') return null;
  if (typeof subject !== 'string' || typeof vouchedAt !== 'number') return null;
  return {
    source,
    issuer,
    subject,
    sid: textOf(sid),
    refreshToken: textOf(refreshToken),
    idToken: textOf(idToken),
    vouchedAt,
    askedAt: typeof askedAt === 'number' ? askedAt : vouchedAt,
    claimedUntil: typeof claimedUntil === 'number' ? claimedUntil : 0,
    isDoubted: isDoubted === true,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
