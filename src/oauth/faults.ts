/**
 * From what goes wrong in an exchange with a provider to a Problem. Errors of the libraries contain
 * codes, tokens and whole responses, so a cause is written anew, from their constant words.
 */
import { sourceDenied, sourceRefused, sourceUnavailable } from '../core/sources/source.ts';
import { Problem } from '../core/values/problem.ts';
import { fieldsOf } from '../core/values/record.ts';

/** The user or the provider said no (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6). */
const DENIALS: ReadonlySet<unknown> = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'login_required',
  'user_cancelled_authorize',
]);
const OUTAGES: ReadonlySet<unknown> = new Set([
  'server_error',
  'slow_down',
  'temporarily_unavailable',
]);
/** Responses that no working provider gives. */
const BROKEN: ReadonlySet<unknown> = new Set([
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'ERR_JWKS_INVALID',
  'ERR_JWKS_TIMEOUT',
  // What jose throws for a key set that is not 200 or not JSON.
  'ERR_JOSE_GENERIC',
]);

/** Thrown where a provider does not accept a refresh token any more (`invalid_grant`). */
export function isRevoked(caught: unknown): boolean {
  return bodyErrorOf(caught) === 'invalid_grant';
}

/** A Problem without secrets. */
export function problemOf(caught: unknown): Problem {
  const known = within(caught, (error) => error instanceof Problem);
  if (known instanceof Problem) return known;
  const { name, code, error, status } = fieldsOf(caught);
  const cause = new Error(wordsOf(caught));
  if (name === 'AuthorizationResponseError') {
    if (DENIALS.has(error)) return sourceDenied(cause);
    return OUTAGES.has(error) ? sourceUnavailable(cause) : sourceRefused(cause);
  }
  const isOutage = OUTAGES.has(error) || (typeof status === 'number' && status >= 500);
  return isOutage || status === 429 || BROKEN.has(code)
    ? sourceUnavailable(cause)
    : sourceRefused(cause);
}

/** The `error` of a token endpoint's response; null for any other fault. */
function bodyErrorOf(caught: unknown): unknown {
  const { name, error } = fieldsOf(caught);
  return name === 'ResponseBodyError' ? error : null;
}

function wordsOf(caught: unknown): string {
  if (!(caught instanceof Error)) return 'an unknown fault';
  const { code, error, status, cause } = fieldsOf(caught);
  const deepest = cause instanceof Error ? cause.message : '';
  return [
    [caught.message, true],
    [deepest, deepest !== caught.message],
    [`error ${String(error)}`, isCode(error)],
    [`status ${String(status)}`, typeof status === 'number'],
    [String(code), isCode(code)],
  ]
    .filter(([text, is]) => is && text !== '')
    .map(([text]) => text)
    .join('; ');
}

/** Codes come from the provider, or through the browser. */
function isCode(value: unknown): boolean {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);
}

function within(caught: unknown, matches: (error: unknown) => boolean): unknown {
  let error = caught;
  for (let depth = 0; depth < 8 && error instanceof Error; depth += 1) {
    if (matches(error)) return error;
    error = error.cause;
  }
  return null;
}
