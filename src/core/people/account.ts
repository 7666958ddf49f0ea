/**
 * What is stored about users beside their directory: authenticators, known devices, consents, invitations.
 * Users of every directory have it, by `User.id`. Secrets in it are sealed at rest.
 */
import type { Json } from '../values/json.ts';
import type { Session } from './session.ts';

export const AUTHENTICATOR_KINDS = ['totp', 'webauthn', 'recovery_code', 'email_code'] as const;
/** What a second factor, or a passkey, can be. */
export type AuthenticatorKind = (typeof AUTHENTICATOR_KINDS)[number];

/** One authenticator of one user. Times are epoch milliseconds. */
export interface Authenticator {
  /** 128 bit, base64url. */
  readonly id: string;
  readonly userId: string;
  readonly kind: AuthenticatorKind;
  /** Given by its owner, at most 64 characters. */
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /**
   * For webauthn the credential's id (base64url), unique among all users; for a recovery code the
   * one-way name of the code; else ''. Found by it, never shown.
   */
  readonly handle: string;
  /** By kind: `{secret, digits, period}`, `{publicKey, counter, transports, backedUp, userHandle?, rpId?}`, `{}`, `{email}`. Sealed at rest. */
  readonly data: Readonly<Record<string, Json>>;
}

/** Authenticators of one kind that a user may have. */
export const MOST_AUTHENTICATORS = 20;

/** How long a browser in which a user signed in stays a known device, in milliseconds: 90 days. */
export const DEVICE_KNOWN_FOR = 90 * 86_400_000;

/** A browser in which a user has signed in. Times are epoch milliseconds. */
export interface KnownDevice {
  readonly userId: string;
  /** One-way name of its cookie. */
  readonly device: string;
  /** User agent, shortened. */
  readonly agent: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** When a second factor or passkey was last proved in a sign-in on it, or null. */
  readonly factorAt: number | null;
}

/** Sign-ins kept per user; the oldest makes room. */
export const MOST_SIGN_INS = 10;

/** Password hashes kept per user; the oldest makes room. */
export const MOST_PASSWORDS = 24;

/** A session that started, or gained a further proof. */
export interface SignIn {
  readonly userId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Address of the client. */
  readonly ip: string;
  /** One-way name of the browser's device cookie, or null. */
  readonly device: string | null;
}

/** Ended sessions kept per user; older ones make room by ending all sessions from before them. */
export const MOST_ENDINGS = 1_000;

/** Longest time an ended session is remembered, in milliseconds: the longest duration there is, ten years. */
export const LONGEST_ENDING = 3_653 * 86_400_000;

/** A session that ended before its time. */
export interface Ending {
  /** Public id of the session. */
  readonly id: string;
  /** `''` if not known. */
  readonly userId: string;
  /** When it ended, in epoch milliseconds. */
  readonly at: number;
  /** When it would have expired, in epoch milliseconds. */
  readonly until: number;
}

/** Wrong second factors in a row after which a user's second factors are refused (NIST SP 800-63B-4, 3.2.2). */
export const MOST_FACTOR_FAILURES = 100;

/** A permission given to an app. */
export interface Consent {
  readonly userId: string;
  /** Route id. */
  readonly route: string;
  readonly permissions: readonly string[];
  readonly at: number;
  /** Null: until revoked. */
  readonly expiresAt: number | null;
}

/** Permission to enroll. The token itself is shown once; only its one-way name is stored. */
export interface Invitation {
  /** Public id, for lists and revocation. */
  readonly id: string;
  /** `vault.name('invitation', token)`; the link is `/flow/FLOW?invitation=TOKEN`. */
  readonly tokenName: string;
  /** The only flow it is valid for. */
  readonly flow: string;
  readonly singleUse: boolean;
  /**
   * Fixed answers, `{email?, groups?, attributes?}` as in UserChanges; they win over what a form says.
   * `first: true`: valid only while no directory has a user.
   */
  readonly data: Readonly<Record<string, Json>>;
  readonly note: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** How often it was used. */
  readonly used: number;
}

/**
 * The reading side, for stages and pages. Rejects with Problem `accounts/unavailable` (503), and with
 * `accounts/sealed` (503) for data that no configured secret opens: it never counts as missing.
 */
export interface AccountReader {
  /** All authenticators of a user, or those of one kind; newest first. */
  authenticators(userId: string, kind?: AuthenticatorKind): Promise<readonly Authenticator[]>;
  /** By kind and handle, e.g. the passkey of a credential id; null if there is none. */
  authenticatorBy(kind: AuthenticatorKind, handle: string): Promise<Authenticator | null>;
  /**
   * Whether any account has a passkey of this relying party, or one without a stored relying party
   * (see passkey-site.ts). New passkeys have neither, so a false answer stays false.
   */
  hasPasskeysOf(rpId: string): Promise<boolean>;
  /** Whether the user has signed in in this browser (one-way device name) within 90 days. */
  isKnownDevice(userId: string, device: string, now: number): Promise<boolean>;
  /** Devices that are still known at `now`, last used first. */
  devices(userId: string, now: number): Promise<readonly KnownDevice[]>;
  /** The last sign-ins of a user, newest first. */
  signIns(userId: string): Promise<readonly SignIn[]>;
  /** Hashes of the last passwords, newest first, at most `limit` and MOST_PASSWORDS. */
  passwordHashes(userId: string, limit: number): Promise<readonly string[]>;
  /** Whether the session was ended, alone or with all sessions of its user, whatever the session store says. */
  hasEnded(session: Pick<Session, 'id' | 'userId' | 'issuedAt' | 'createdAt'>): Promise<boolean>;
  /** Sessions of the user issued before this time have ended; 0 if there is none. Epoch milliseconds. */
  sessionsValidFrom(userId: string): Promise<number>;
  /** Since when the user's second factors are refused, in epoch milliseconds; null if they are not. */
  factorLock(userId: string): Promise<number | null>;
  /** Also null if it has expired. */
  consent(userId: string, route: string): Promise<Consent | null>;
  /** The last consent, expired or not, for pages that explain it. It grants nothing by itself. */
  lastConsent(userId: string, route: string): Promise<Consent | null>;
  /** All consents that have not expired, newest first. */
  consents(userId: string): Promise<readonly Consent[]>;
  /** By its token's one-way name; also if it is expired or spent, so that the page can say so. */
  invitation(tokenName: string): Promise<Invitation | null>;
}

/** The writing side, for effects and the command line only. */
interface AccountWriter {
  /** Problem `authenticator/exists` (409) for a handle in use, `authenticator/too-many` (409). */
  addAuthenticator(authenticator: Authenticator): Promise<void>;
  /** Removes all of one kind and adds these, in one step (recovery codes). */
  replaceAuthenticators(
    userId: string,
    kind: AuthenticatorKind,
    replacements: readonly Authenticator[],
  ): Promise<void>;
  /** Stores the last use, and data such as a counter; false if the authenticator is gone. */
  useAuthenticator(id: string, at: number, data?: Authenticator['data']): Promise<boolean>;
  renameAuthenticator(userId: string, id: string, name: string): Promise<boolean>;
  removeAuthenticator(userId: string, id: string): Promise<boolean>;
  /** `factorAt` null: no second factor was proved this time; the stored time stays. */
  rememberDevice(
    userId: string,
    device: string,
    agent: string,
    now: number,
    factorAt: number | null,
  ): Promise<void>;
  forgetDevices(userId: string): Promise<number>;
  recordSignIn(signIn: SignIn): Promise<void>;
  /** The hash of a password that is being set, from `Passwords.hash`. */
  rememberPassword(userId: string, hash: string, at: number): Promise<void>;
  /** Problem `ending/shape` (400). */
  recordEnding(ending: Ending): Promise<void>;
  /**
   * Takes one try at a second factor, atomically: its number since the last success, from 1 to
   * MOST_FACTOR_FAILURES, or 0 when none is left and nothing was counted. Problem `factor/shape` (400).
   */
  takeFactorTry(userId: string, at: number): Promise<number>;
  /** Returns a try that was never checked. */
  returnFactorTry(userId: string): Promise<void>;
  /** Resets the count; true if second factors were refused until now. */
  resetFactorTries(userId: string): Promise<boolean>;
  /** Ends all sessions issued before `at`, of a user or (null) of all users, except one. Never moves back. */
  moveSessionsValidFrom(userId: string | null, at: number, exceptId?: string): Promise<void>;
  saveConsent(consent: Consent): Promise<void>;
  /** Revokes all consents of a user; resolves with how many there were. */
  removeConsents(userId: string): Promise<number>;
  /** Problem `invitation/exists` (409) for an id or token in use. */
  createInvitation(invitation: Invitation): Promise<void>;
  /** Counts a use atomically; false if it is unknown, expired at `now`, or single-use and spent. */
  spendInvitation(id: string, now: number): Promise<boolean>;
  /** Newest first, expired and spent ones too. */
  invitations(limit: number): Promise<readonly Invitation[]>;
  revokeInvitation(id: string): Promise<boolean>;
  /** Deletes everything about a deleted user. */
  forgetUser(userId: string): Promise<void>;
}

/** The whole store. */
export interface Accounts extends AccountReader, AccountWriter {
  close(): Promise<void>;
}
