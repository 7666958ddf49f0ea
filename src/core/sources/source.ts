/**
 * Port: other providers that users sign in with. A source proves that the browser's user has an account
 * there; it must never return a profile from an answer that it could not verify in full.
 */
import type { Json } from '../values/json.ts';
import { Problem } from '../values/problem.ts';

/** Longest subject, in characters (OpenID Connect Core 2). */
export const MAX_SUBJECT = 255;
/** Most bytes of `claims` as JSON. */
export const MAX_CLAIMS = 64 * 1024;

/** What a source says of a user. */
export interface SourceProfile {
  /** The account's permanent id at the provider, 1 to 255 characters. Unique together with `issuer`. */
  readonly subject: string;
  /** The issuer of the ID token. For OAuth 2, what the operator states, or the URL of the user. */
  readonly issuer: string;
  readonly email: string | null;
  /** True only if the provider says that the user receives mail at `email`. */
  readonly emailVerified: boolean;
  readonly username: string | null;
  readonly displayName: string | null;
  /** Null if the provider says nothing of groups, which differs from none. */
  readonly groups: readonly string[] | null;
  /** The ID token and userinfo merged, for policies: `claims.hd`. At most 64 KiB as JSON. */
  readonly claims: Readonly<Record<string, Json>>;
  /** The provider's session, for back-channel logout. */
  readonly sid: string | null;
  /** A secret, for `recheck`. Null if the account cannot be checked again. */
  readonly refreshToken: string | null;
  /** Personal data, for `signOutUrl`. */
  readonly idToken: string | null;
}

/** One visit to a provider, bound to the browser's plan by the flow. */
export interface Passage {
  /** Random, at least 128 bits each, used for one visit. */
  readonly state: string;
  readonly nonce: string;
  /** PKCE verifier: 43 to 128 characters of base64url (RFC 7636). A secret. */
  readonly verifier: string;
  readonly redirectUri: string;
  /**
   * Seconds since the user last proved presence to the provider, at most; null for any time. Only for
   * sources that prove it.
   */
  readonly maxAge: number | null;
}

/** What the provider says of an account later on. */
export interface Recheck {
  /** False if the provider refuses the account: its sessions must end. */
  readonly stands: boolean;
  /** What has been read anew, about the same subject; null if nothing was. */
  readonly profile: SourceProfile | null;
}

/** A verified request of the provider to end sessions: all of the subject, or one. */
export interface LogoutNotice {
  readonly issuer: string;
  /** At least one of `subject` and `sid` is not null. */
  readonly subject: string | null;
  readonly sid: string | null;
  /** Unique within `issuer`. The caller takes it once, at least until `expiresAt`. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * One configured provider. Opening it connects to nothing. Promises reject with a Problem:
 * `source/unavailable` (503) if the provider does not respond, `source/refused` (400) for an answer
 * that is not valid. Neither contains a secret.
 */
export interface Source {
  /** The key under `sources`. */
  readonly name: string;
  /** What buttons show unless the operator says otherwise: `Google`. */
  readonly title: string;
  /** Monogram for buttons: one or two characters. */
  readonly mark: string;
  /** Where `begin` and `signOutUrl` may send a browser. Known when the configuration is loaded. */
  readonly origins: readonly string[];
  /** How browsers return: `form_post` is a cross-site POST, without our SameSite=Lax cookies. */
  readonly returnsBy: 'query' | 'form_post';
  /** Whether the provider proves when the user last proved presence, so that `maxAge` can be set. */
  readonly provesAge: boolean;
  /** The URL that the browser visits. `isLasting`: the account will be checked again. */
  begin(
    passage: Passage,
    hints: {
      readonly username: string | null;
      readonly prompt: 'login' | null;
      readonly isLasting?: boolean;
    },
  ): Promise<string>;
  /**
   * Verifies what the browser brought back, and redeems its code. Also rejects with `source/denied`
   * (403) if the user or the provider refused.
   */
  finish(passage: Passage, returned: URLSearchParams): Promise<SourceProfile>;
  /**
   * Whether the account still stands. `renewed` is called as soon as the provider has replaced the
   * refresh token, before anything else can fail: the former one may be worthless from then on.
   */
  recheck(
    account: {
      readonly refreshToken: string;
      readonly subject: string;
      readonly issuer: string;
    },
    renewed: (refreshToken: string) => Promise<void>,
  ): Promise<Recheck>;
  /** Where the browser ends the provider's session (RP-Initiated Logout); null if that is not offered. */
  signOutUrl(options: {
    readonly idToken: string | null;
    readonly returnTo: string;
    /** Comes back with the browser. */
    readonly state: string;
  }): Promise<string | null>;
  /** Verifies a logout token of the provider (OpenID Connect Back-Channel Logout 1.0). */
  readLogout(token: string): Promise<LogoutNotice>;
  /** Closes connections. */
  close(): Promise<void>;
}

/** The provider does not respond. Nothing is decided; a retry may succeed. */
export function sourceUnavailable(cause: unknown): Problem {
  return new Problem('source/unavailable', 'The sign-in provider does not answer.', {
    status: 503,
    retryAfter: 5,
    cause,
  });
}

/** The user or the provider refused the sign-in. */
export function sourceDenied(cause: unknown): Problem {
  return new Problem('source/denied', 'The sign-in provider refused.', { status: 403, cause });
}

/** An answer is not valid: wrong state, issuer, nonce, signature, audience or time. */
export function sourceRefused(cause: unknown): Problem {
  return new Problem('source/refused', 'The answer of the sign-in provider is not valid.', {
    status: 400,
    cause,
  });
}
