/**
 * The credentials in an Authorization field (RFC 9110 §11.6.2, RFC 7617, RFC 6750). Bounded and linear.
 * A field that two readers could understand differently contains none.
 */

import type { RequestFacts } from '../request/facts.ts';

/** The content of a field. */
export type Credentials =
  | { readonly scheme: 'bearer'; readonly token: string }
  /** `user` may be empty. Neither contains a control character. */
  | { readonly scheme: 'basic'; readonly user: string; readonly password: string };

/** Longest field that is read, in characters. */
export const MAX_AUTHORIZATION = 8192;

const BEARER_SCHEME = /^bearer +/i;
const BEARER = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

const SCHEME = /^\s*(basic|bearer)(?![^\s"',:=;])/i;

/** The scheme that a field names, even if what follows is malformed; null for any other. */
export function schemeOf(field: string): Credentials['scheme'] | null {
  const name = SCHEME.exec(field)?.[1]?.toLowerCase();
  return name === 'basic' || name === 'bearer' ? name : null;
}

/**
 * What follows the scheme Bearer, in whatever form; null for another scheme. A fraction of the cost of
 * `readAuthorization`: to recognize what was read before.
 */
export function afterBearer(field: string): string | null {
  const scheme = BEARER_SCHEME.exec(field)?.[0];
  return scheme === undefined ? null : field.slice(scheme.length);
}

/** The credentials; null for another scheme and for a malformed field. */
export function readAuthorization(field: string): Credentials | null {
  if (field.length > MAX_AUTHORIZATION) return null;
  const token = BEARER.exec(field)?.[1];
  if (token !== undefined) return { scheme: 'bearer', token };
  const encoded = BASIC.exec(field)?.[1];
  return encoded === undefined ? null : readBasic(encoded);
}

/**
 * Whether a request means to show a credential that the path accepts, and shows none that can be read: the
 * field is repeated, or a bearer is malformed. Names and passwords are typed by users, who can try again.
 */
export function isMalformed(
  { header, isRepeated }: Pick<RequestFacts, 'header' | 'isRepeated'>,
  accepts: Readonly<Record<Credentials['scheme'], boolean>>,
): boolean {
  const field = header('authorization');
  if (field === null) return (accepts.basic || accepts.bearer) && isRepeated('authorization');
  return accepts.bearer && schemeOf(field) === 'bearer' && readAuthorization(field) === null;
}

/** The part that is secret: where a token of ours can be. */
export function secretOf(credentials: Credentials): string {
  return credentials.scheme === 'bearer' ? credentials.token : credentials.password;
}

function readBasic(encoded: string): Credentials | null {
  const text = decoded(encoded);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 0 || /\p{Cc}/u.test(text)) return null;
  return { scheme: 'basic', user: text.slice(0, colon), password: text.slice(colon + 1) };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text behind base64; null if it is no UTF-8, or if another text has the same bytes. */
function decoded(encoded: string): string | null {
  const bytes = Buffer.from(encoded, 'base64');
  // It has padding at its end alone.
  if (bytes.toString('base64').replaceAll('=', '') !== encoded.replaceAll('=', '')) return null;
  try {
    return decoder.decode(bytes);
  } catch {
    // Named fallback: bytes that are no UTF-8 are no credential.
    return null;
  }
}
