/**
 * Tokens: what programs present in place of a session. A token acts for one user, within its limits.
 * Its text is shown once; only its one-way name is stored.
 */
import { crc32 } from '../values/crc32.ts';
import type { Random } from '../values/system.ts';
import type { ChangeListener } from './session-store.ts';

/**
 * What a request can show in place of a session: a token, (`basic`) the user's own password, a JSON Web
 * Token of another issuer, or a client certificate.
 */
export type Credential = 'token' | 'basic' | 'jwt' | 'certificate';

/** Why a JSON Web Token does not count, as a stable code. */
export type JwtFault =
  | 'jwt/malformed'
  | 'jwt/algorithm'
  | 'jwt/issuer'
  | 'jwt/audience'
  | 'jwt/expired'
  | 'jwt/not-yet'
  | 'jwt/lifetime'
  | 'jwt/claims'
  | 'jwt/key'
  | 'jwt/signature'
  | 'jwt/no-user';

/** Why a client certificate does not count, as a stable code. */
export type CertificateFault =
  /** The field does not contain exactly one certificate. */
  | 'certificate/malformed'
  /** No listed authority has issued it. */
  | 'certificate/issuer'
  /** It is an authority itself, not for clients, or has an extension that is not understood. */
  | 'certificate/purpose'
  /** It has expired or is not valid yet. */
  | 'certificate/expired'
  /** It does not have the attributes that are required. */
  | 'certificate/attributes'
  /** No enabled user is behind it. */
  | 'certificate/no-user';

/** A token as stored. Times are epoch milliseconds. An empty list sets no limit. */
export interface Token {
  /** Public id, for lists, logs and revocation: a part of the text, which says nothing of the rest. */
  readonly id: string;
  /** `vault.name('token', text)`. */
  readonly textName: string;
  readonly userId: string;
  /** What it is for, at most 64 characters. */
  readonly name: string;
  /** Ids of the routes that it may open. */
  readonly routes: readonly string[];
  /** Upper case. GET includes HEAD. */
  readonly methods: readonly string[];
  /** Networks from which it may be used: `10.0.0.0/8`. */
  readonly networks: readonly string[];
  readonly createdAt: number;
  /** Exclusive; null for a token that does not expire. */
  readonly expiresAt: number | null;
  /** Accurate to the minute; null if it has not been used. */
  readonly lastUsedAt: number | null;
}

/** An app that a token can open. */
export interface TokenApp {
  /** Id of its route. */
  readonly id: string;
  readonly title: string;
  readonly host: string;
}

/** Most tokens of one user. */
export const MOST_TOKENS = 100;

/** Longest lists of a token. */
export const MOST_TOKEN_ROUTES = 64;
export const MOST_TOKEN_METHODS = 32;
export const MOST_TOKEN_NETWORKS = 64;

/** How long an expired token remains in lists: 90 days, in milliseconds. */
export const TOKEN_KEPT_FOR = 90 * 86_400_000;

/** Stored tokens. Promises reject with Problem `accounts/unavailable` (503). */
export interface TokenStore {
  /** By its id, also if it has expired; null if it is unknown or was revoked. */
  token(id: string): Promise<Token | null>;
  /** Tokens of a user or (null) of all users, newest first, at most `limit`. */
  tokens(userId: string | null, limit: number): Promise<readonly Token[]>;
  /**
   * Stores a new token. Problems: `token/exists` (409) for an id in use, `token/too-many` (409) if the
   * user has `most` of them (default and maximum: MOST_TOKENS), `token/shape` (400).
   */
  createToken(token: Token, most?: number): Promise<void>;
  /** Stores a use, unless a later one is stored. Announces no change. */
  useToken(id: string, at: number): Promise<void>;
  /** False if there was none. */
  revokeToken(id: string): Promise<boolean>;
  /**
   * Calls back with the id of each user whose tokens change or who gets an authenticator, here or in
   * another process; null if it is unknown which.
   */
  watch(listener: ChangeListener): () => void;
  /**
   * Whether a cached token may be used now. If not, read it each time. A store that has to look for
   * changes by other processes (SQLite) does so first, and announces what it finds.
   */
  isCoherent(): boolean;
}

const PREFIX = 'dwt_';
/** Characters: 41 bits, so that a collision among a million tokens is unlikely; it is refused. */
const ID_LENGTH = 7;
/** Characters: 160 bits. */
const SECRET_LENGTH = 27;
/** Characters that 32 bits need in base 62. */
const CHECK_LENGTH = 6;
const BODY_LENGTH = ID_LENGTH + SECRET_LENGTH;
/** Characters of a token's text. */
export const TOKEN_LENGTH = PREFIX.length + BODY_LENGTH + CHECK_LENGTH;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORM = /^dwt_[0-9A-Za-z]{40}$/;
const ANYWHERE = /dwt_[0-9A-Za-z]{40}/g;

/** A new text, with the id in it. */
export function newTokenText(random: Random): { readonly id: string; readonly text: string } {
  let body = '';
  // base64url without its two other characters is base 62, still evenly distributed.
  while (body.length < BODY_LENGTH) body += random.token(48).replace(/[-_]/g, '');
  body = body.slice(0, BODY_LENGTH);
  return { id: body.slice(0, ID_LENGTH), text: PREFIX + body + checksum(body) };
}

/** Whether a text is meant to be a token of ours: secret scanners look for the same prefix. */
export function isTokenLike(text: string): boolean {
  return text.startsWith(PREFIX);
}

/** Whether a whole token is anywhere in a text. Linear. */
export function containsToken(text: string): boolean {
  return (text.match(ANYWHERE) ?? []).some((found) => tokenIdOf(found) !== null);
}

/** The id in a token's text; null for a text that was mistyped, or never was a token. */
export function tokenIdOf(text: string): string | null {
  if (text.length !== TOKEN_LENGTH || !FORM.test(text)) return null;
  const body = text.slice(PREFIX.length, PREFIX.length + BODY_LENGTH);
  return text.endsWith(checksum(body)) ? body.slice(0, ID_LENGTH) : null;
}

/** CRC-32 in base 62, as in the tokens of GitHub. */
function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let i = 0; i < CHECK_LENGTH; i += 1) {
    text = DIGITS.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
