/**
 * User data that is stored outside the directory: authenticators, known devices, consents,
 * invitations, tokens. It exists for users of every directory, under `User.id`. Secrets are encrypted at
 * rest.
 */
import type { Json } from '../values/json.ts';
import type { Problem } from '../values/problem.ts';
import type { Session } from './session.ts';
import type { TokenStore } from './token.ts';

export const AUTHENTICATOR_KINDS = ['totp', 'webauthn', 'recovery_code', 'email_code'] as const;
/** Kinds of second factors and passkeys. */
export type AuthenticatorKind = (typeof AUTHENTICATOR_KINDS)[number];

/** An authenticator of a user. Times are epoch milliseconds. */
export interface Authenticator {
  /** 128 bits, base64url. */
  readonly id: string;
  readonly userId: string;
  readonly kind: AuthenticatorKind;
  /** Chosen by its owner, at most 64 characters. */
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  /**
   * Key for lookups, never shown. For webauthn the credential id (base64url), unique across all
   * users; for a recovery code its one-way name; otherwise ''.
   */
  readonly handle: string;
  /**
   * By kind: `{secret, digits, period, algorithm?}`, `{publicKey, counter, transports, backedUp,
   * userHandle?, rpId?}`, `{}`, `{email}`. Encrypted at rest.
   */
  readonly data: Readonly<Record<string, Json>>;
}

/** Most authenticators of one kind per user. */
export const MOST_AUTHENTICATORS = 20;

/** How long a browser remains a known device after a sign-in: 90 days, in milliseconds. */
export const DEVICE_KNOWN_FOR = 90 * 86_400_000;

/** One use of a device by a user who has just signed in. */
export interface DeviceUse {
  readonly device: string;
  readonly agent: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** When a second factor was proved; null if none was this time, and the stored time remains. */
  readonly factorAt: number | null;
}

/** A browser in which the user has signed in. Times are epoch milliseconds. */
export interface KnownDevice {
  readonly userId: string;
  /** One-way name of the device cookie. */
  readonly device: string;
  /** Shortened user agent. */
  readonly agent: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** When a second factor or passkey was last proved during a sign-in in this browser, or null. */
  readonly factorAt: number | null;
}

/** Sign-ins stored per user. A new one replaces the oldest. */
export const MOST_SIGN_INS = 10;

/** Password hashes stored per user. A new one replaces the oldest. */
export const MOST_PASSWORDS = 24;

/** The start of a session, or a further proof in it. */
export interface SignIn {
  readonly userId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Address of the client. */
  readonly ip: string;
  /** One-way name of the browser's device cookie, or null. */
  readonly device: string | null;
}

/**
 * Ended sessions stored per user. Beyond this number, the oldest records are replaced by a limit that
 * ends all sessions issued before it.
 */
export const MOST_ENDINGS = 1_000;

/**
 * Longest time for which an ended session is remembered, in milliseconds: ten years, the longest
 * duration.
 */
export const LONGEST_ENDING = 3_653 * 86_400_000;

/** A session that was ended before it expired. */
export interface Ending {
  /** Public id of the session. */
  readonly id: string;
  /** `''` if unknown. */
  readonly userId: string;
  /** When it ended, in epoch milliseconds. */
  readonly at: number;
  /** When it would have expired, in epoch milliseconds. */
  readonly until: number;
}

/**
 * Consecutive wrong second factors after which a user's second factors are refused (NIST SP
 * 800-63B-4, 3.2.2).
 */
export const MOST_FACTOR_FAILURES = 100;

/** A user's consent that an app receives certain permissions. */
export interface Consent {
  readonly userId: string;
  /** Route id. */
  readonly route: string;
  readonly permissions: readonly string[];
  readonly at: number;
  /** Null until revoked. */
  readonly expiresAt: number | null;
}

/** An invitation to enroll. The token is shown once; only its one-way name is stored. */
export interface Invitation {
  /** Public id, for lists and revocation. */
  readonly id: string;
  /** `vault.name('invitation', token)`; the link is `/flow/FLOW?invitation=TOKEN`. */
  readonly tokenName: string;
  /** The only flow for which it is valid. */
  readonly flow: string;
  readonly singleUse: boolean;
  /**
   * Fixed values, `{email?, groups?, attributes?}` as in UserChanges. They override those of a
   * form. With `first: true` the invitation is valid only while no directory has a user.
   */
  readonly data: Readonly<Record<string, Json>>;
  readonly note: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Number of uses so far. */
  readonly used: number;
}

/**
 * Read access, for stages and pages. Rejects with Problem `accounts/unavailable` (503). Rejects
 * with `accounts/sealed` (503) for data that no configured secret decrypts: it never counts
 * as missing.
 */
export interface AccountReader {
  /** The user's authenticators, of all kinds or one; newest first. */
  authenticators(userId: string, kind?: AuthenticatorKind): Promise<readonly Authenticator[]>;
  /**
   * Looks up an authenticator by kind and handle, such as a passkey by its credential id; null if
   * there is none.
   */
  authenticatorBy(kind: AuthenticatorKind, handle: string): Promise<Authenticator | null>;
  /**
   * Whether any account has a passkey of this relying party or one without a stored relying party
   * (see passkey-site.ts). New passkeys are of neither kind, so a false result remains false until
   * the next start: an import may have added some.
   */
  hasPasskeysOf(rpId: string): Promise<boolean>;
  /** Whether the user has signed in with this browser (one-way device name) in the last 90 days. */
  isKnownDevice(userId: string, device: string, now: number): Promise<boolean>;
  /** Devices that are still known at `now`, most recently used first. */
  devices(userId: string, now: number): Promise<readonly KnownDevice[]>;
  /** The last sign-ins of a user, newest first. */
  signIns(userId: string): Promise<readonly SignIn[]>;
  /** Hashes of the latest passwords, newest first, at most `limit` and MOST_PASSWORDS. */
  passwordHashes(userId: string, limit: number): Promise<readonly string[]>;
  /**
   * Whether the session was ended, by itself or with all sessions of its user. Independent of the
   * session store.
   */
  hasEnded(session: Pick<Session, 'id' | 'userId' | 'issuedAt' | 'createdAt'>): Promise<boolean>;
  /**
   * Sessions of the user that were issued before this time have ended. Epoch milliseconds; 0 if
   * there is no limit.
   */
  sessionsValidFrom(userId: string): Promise<number>;
  /**
   * When the user's second factors became refused, in epoch milliseconds; null if they are
   * accepted.
   */
  factorLock(userId: string): Promise<number | null>;
  /** The consent, or null if there is none or it has expired. */
  consent(userId: string, route: string): Promise<Consent | null>;
  /**
   * The latest consent, even if expired, for pages that explain it. By itself it grants nothing.
   */
  lastConsent(userId: string, route: string): Promise<Consent | null>;
  /** All unexpired consents, newest first. */
  consents(userId: string): Promise<readonly Consent[]>;
  /**
   * Looks up an invitation by the one-way name of its token. Returns expired and spent ones too, so
   * that the page can explain it.
   */
  invitation(tokenName: string): Promise<Invitation | null>;
}

/** Write access, for effects and the command line only. */
interface AccountWriter {
  /** Problems: `authenticator/exists` (409) for a handle in use, `authenticator/too-many` (409). */
  addAuthenticator(authenticator: Authenticator): Promise<void>;
  /** Adds many in one transaction, for imports; returns the Problem of each, or null. */
  addAuthenticators(all: readonly Authenticator[]): Promise<readonly (Problem | null)[]>;
  /** Replaces all authenticators of one kind in a single step, for recovery codes. */
  replaceAuthenticators(
    userId: string,
    kind: AuthenticatorKind,
    replacements: readonly Authenticator[],
  ): Promise<void>;
  /**
   * Stores the last use, and data such as a counter; false if the authenticator no longer exists.
   */
  useAuthenticator(id: string, at: number, data?: Authenticator['data']): Promise<boolean>;
  renameAuthenticator(userId: string, id: string, name: string): Promise<boolean>;
  removeAuthenticator(userId: string, id: string): Promise<boolean>;
  rememberDevice(userId: string, use: DeviceUse): Promise<void>;
  forgetDevices(userId: string): Promise<number>;
  recordSignIn(signIn: SignIn): Promise<void>;
  /** Stores the hash of a new password, from `Passwords.hash`. */
  rememberPassword(userId: string, hash: string, at: number): Promise<void>;
  /** Problem: `ending/shape` (400). */
  recordEnding(ending: Ending): Promise<void>;
  /**
   * Takes one try at a second factor, atomically. Returns its number since the last success, from 1
   * to MOST_FACTOR_FAILURES, or 0 if no try is left and nothing was counted. Problem:
   * `factor/shape` (400).
   */
  takeFactorTry(userId: string, at: number): Promise<number>;
  /** Returns a try that was not used for a check. */
  returnFactorTry(userId: string): Promise<void>;
  /** Resets the count; true if second factors had been refused. */
  resetFactorTries(userId: string): Promise<boolean>;
  /**
   * Ends all sessions issued before `at` or under the current limit, except one, for a user or (null) for
   * all users. The limit always moves forward, even if the clock was set back.
   */
  moveSessionsValidFrom(userId: string | null, at: number, exceptId?: string): Promise<void>;
  saveConsent(consent: Consent): Promise<void>;
  /** Revokes all consents of a user. Returns their number. */
  removeConsents(userId: string): Promise<number>;
  /** Problem: `invitation/exists` (409) for an id or token in use. */
  createInvitation(invitation: Invitation): Promise<void>;
  /**
   * Counts one use, atomically; false if the invitation is unknown, expired at `now`, or single-use
   * and spent.
   */
  spendInvitation(id: string, now: number): Promise<boolean>;
  /** Newest first, including expired and spent ones. */
  invitations(limit: number): Promise<readonly Invitation[]>;
  revokeInvitation(id: string): Promise<boolean>;
  /** Deletes all data of a deleted user. */
  forgetUser(userId: string): Promise<void>;
}

/** A user whose id is a name in a file, so that a later user may get the same id. */
export interface NamedUser {
  /** `User.id`. */
  readonly id: string;
  /**
   * At most 64 characters, other ones for each password hash. Hashes have random salts, so two users never have the
   * same mark.
   */
  readonly mark: string;
  /** Whether an operator chose the id apart from the name, so that it remains the same user's. */
  readonly isLasting: boolean;
}

/** What happened to users since they were settled last, by id. */
export interface Settled {
  /** Another user has the id now. What was stored about the former one is deleted. */
  readonly replaced: readonly string[];
  /** The password is another one. The sessions have ended, as those of replaced users have. */
  readonly changed: readonly string[];
}

/** Users whose ids are names. */
export interface NamedUsers {
  /**
   * Notes all users that a directory has now, before any of them is used. A user who was absent the last time, and
   * is back with another password, is another user. `at` in epoch milliseconds.
   */
  settleUsers(directory: string, users: readonly NamedUser[], at: number): Promise<Settled>;
}

/** The whole account store. */
export interface Accounts extends AccountReader, AccountWriter, TokenStore {
  close(): Promise<void>;
}
