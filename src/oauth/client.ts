/**
 * One client at one provider, over openid-client: the URL for the browser, and the requests for
 * tokens. PKCE with S256 is always used. What comes back of a token is verified by the caller.
 */
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  type CustomFetchOptions,
  refreshTokenGrant,
} from 'openid-client';
import type { ProviderDoor } from '../core/setup/adapters.ts';
import { type Passage, sourceRefused } from '../core/sources/source.ts';
import { isRevoked, problemOf } from './faults.ts';

/** Clock difference that is accepted, in seconds. */
export const CLOCK_SKEW = 60;
/** Largest answer that a browser brings, and the largest token, in characters. */
const MAX_ANSWER = 16 * 1024;
const MAX_PARAMETERS = 32;
export const MAX_TOKEN = 64 * 1024;
const MAX_REFRESH_TOKEN = 8 * 1024;

/** What a provider issued. All are secrets. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
}

/** What a browser is asked for. */
interface Request {
  readonly passage: Passage;
  readonly scopes: readonly string[];
  /** Whether the ID token must contain the passage's nonce. */
  readonly isOpenId: boolean;
  readonly username: string | null;
  readonly prompt: 'login' | null;
  /** Further parameters. Ours win. */
  readonly extra: Readonly<Record<string, string>>;
}

/** A `fetch` for openid-client. */
export function fetchThrough(door: ProviderDoor) {
  return (url: string, { method, headers, body, signal }: CustomFetchOptions) =>
    door.fetch(url, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers: new Headers(headers),
      // All requests with a body are forms.
      form: body instanceof URLSearchParams ? body : null,
      signal: signal ?? null,
    });
}

/** The URL for the browser. */
export async function authorizationUrl(config: Configuration, request: Request): Promise<string> {
  const { passage, scopes, isOpenId, username, prompt, extra } = request;
  return buildAuthorizationUrl(config, {
    ...extra,
    ...(username === null ? {} : { login_hint: username }),
    ...(prompt === null ? {} : { prompt }),
    ...(passage.maxAge === null ? {} : { max_age: String(passage.maxAge) }),
    ...(isOpenId ? { nonce: passage.nonce } : {}),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    response_type: 'code',
    redirect_uri: passage.redirectUri,
    state: passage.state,
    code_challenge: await calculatePKCECodeChallenge(passage.verifier),
    code_challenge_method: 'S256',
  }).href;
}

/** Checks what the browser brought and redeems its code. Rejects with a Problem. */
export async function redeem(
  config: Configuration,
  passage: Passage,
  { returned, isOpenId }: { readonly returned: URLSearchParams; readonly isOpenId: boolean },
): Promise<Tokens> {
  const answer = new URL(passage.redirectUri);
  answer.search = returned.toString();
  if (returned.size > MAX_PARAMETERS || answer.search.length > MAX_ANSWER) {
    throw sourceRefused(new Error('the answer has too many parameters, or is too long'));
  }
  try {
    const tokens = await authorizationCodeGrant(config, answer, {
      expectedState: passage.state,
      pkceCodeVerifier: passage.verifier,
      ...(isOpenId ? { expectedNonce: passage.nonce, idTokenExpected: true } : {}),
      ...(isOpenId && passage.maxAge !== null ? { maxAge: passage.maxAge } : {}),
    });
    return bounded(tokens);
  } catch (caught) {
    throw problemOf(caught);
  }
}

/** New tokens; null if the provider has withdrawn them. Rejects with a Problem for any other fault. */
export async function refresh(config: Configuration, token: string): Promise<Tokens | null> {
  try {
    return bounded(await refreshTokenGrant(config, token));
  } catch (caught) {
    if (isRevoked(caught)) return null;
    throw problemOf(caught);
  }
}

function bounded(tokens: {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
}): Tokens {
  const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken } = tokens;
  const isLong =
    accessToken.length > MAX_TOKEN ||
    (refreshToken ?? '').length > MAX_REFRESH_TOKEN ||
    (idToken ?? '').length > MAX_TOKEN;
  if (isLong) throw sourceRefused(new Error('a token is too long'));
  return { accessToken, refreshToken: refreshToken ?? null, idToken: idToken ?? null };
}
