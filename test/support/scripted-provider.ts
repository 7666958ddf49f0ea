/**
 * A provider as a script, behind a door without sockets: it has the addresses of real providers, and
 * every answer of it can be forged.
 */
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import type { OpenProviderDoor } from '../../src/core/setup/adapters.ts';
import type { Passage, Source, SourceProfile } from '../../src/core/sources/source.ts';
import { sourceUnavailable } from '../../src/core/sources/source.ts';
import { Problem } from '../../src/core/values/problem.ts';
import { passage } from './passage.ts';

/** A request that it received. */
interface SeenRequest {
  readonly method: string;
  /** Without its query. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly headers: Headers;
}

/** A key of the provider; `jwk` is its public part. */
export interface ScriptedKey {
  readonly kid: string;
  readonly jwk: JWK;
  readonly key: CryptoKey;
}

/** What the next sign-in is answered with. */
interface Script {
  /** Merged into the ID token; undefined removes a claim. */
  claims: Record<string, unknown>;
  header: Partial<JWTHeaderParameters>;
  /** Forges the ID token, given an honest one and its claims. */
  forge: ((honest: string, claims: Record<string, unknown>) => string | Promise<string>) | null;
  userinfo: Record<string, unknown>;
  /** Merged into the response of the token endpoint. */
  tokens: Record<string, unknown>;
}

/** A scripted provider. */
export interface ScriptedProvider {
  readonly openDoor: OpenProviderDoor;
  readonly requests: SeenRequest[];
  /** Its pages by URL; entries can be replaced and added. */
  readonly pages: Map<string, (request: SeenRequest) => Response | Promise<Response>>;
  readonly script: Script;
  /** Merged into the metadata. */
  metadata: Record<string, unknown>;
  /** What it publishes, and signs with the first of. */
  keys: ScriptedKey[];
  /** A token with these claims, signed by the provider. */
  sign(claims: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Requests of a URL. */
  count(url: string): number;
}

export const CLIENT_ID = 'client of ours';
const SUBJECT = 'user-1';
export const ACCESS_TOKEN = 'an access token';

/** JSON as providers send it. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status });
}

/** Epoch seconds. */
export function seconds(offset = 0): number {
  return Math.floor(Date.now() / 1000) + offset;
}

let count = 0;
/** A new key. */
export async function scriptedKey(alg = 'ES256'): Promise<ScriptedKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = `key-${(count += 1)}`;
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, jwk, key: privateKey };
}

/** A provider whose endpoints are below its issuer. */
export async function scriptedProvider(issuer: string): Promise<ScriptedProvider> {
  const base = issuer.replace(/\/$/, '');
  const requests: SeenRequest[] = [];
  const pages: ScriptedProvider['pages'] = new Map();
  const script: Script = { claims: {}, header: {}, forge: null, userinfo: {}, tokens: {} };
  const nonces = new Map<string, string>();
  const provider: ScriptedProvider = {
    openDoor: () => Promise.resolve({ fetch: answer, close: () => Promise.resolve() }),
    requests,
    pages,
    script,
    metadata: {},
    keys: [await scriptedKey()],
    sign: (claims, header = {}) => signedBy(provider.keys[0], claims, header),
    count: (url) => requests.filter((request) => request.url === url).length,
  };
  async function answer(
    url: string,
    { method, headers, form }: { method: string; headers: Headers; form: URLSearchParams | null },
  ): Promise<Response> {
    const { origin, pathname, searchParams: query } = new URL(url);
    const request = {
      method,
      url: `${origin}${pathname}`,
      query,
      form: form ?? new URLSearchParams(),
      headers,
    };
    requests.push(request);
    const page = pages.get(request.url);
    if (page === undefined) throw sourceUnavailable(new Error(`no page ${request.url}`));
    return page(request);
  }
  pages.set(`${base}/.well-known/openid-configuration`, () =>
    json({
      issuer,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      userinfo_endpoint: `${base}/userinfo`,
      jwks_uri: `${base}/keys`,
      end_session_endpoint: `${base}/end`,
      id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
      ...provider.metadata,
    }),
  );
  pages.set(`${base}/keys`, () => json({ keys: provider.keys.map(({ jwk }) => jwk) }));
  pages.set(`${base}/userinfo`, () => json({ sub: SUBJECT, ...script.userinfo }));
  pages.set(`${base}/token`, async ({ form }) => {
    const nonce = nonces.get(form.get('code') ?? '');
    const claims = without({
      iss: issuer,
      sub: SUBJECT,
      aud: CLIENT_ID,
      iat: seconds(),
      exp: seconds(300),
      nonce,
      ...script.claims,
    });
    const honest = await provider.sign(claims, script.header);
    const idToken = script.forge === null ? honest : await script.forge(honest, claims);
    return json({
      access_token: ACCESS_TOKEN,
      token_type: 'Bearer',
      id_token: idToken,
      ...script.tokens,
    });
  });
  noncesOf.set(provider, nonces);
  return provider;
}

/** Codes that the provider issued, with the nonce of their visit. */
const noncesOf = new WeakMap<ScriptedProvider, Map<string, string>>();

function without(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

async function signedBy(
  key: ScriptedKey | undefined,
  claims: Record<string, unknown>,
  header: Partial<JWTHeaderParameters>,
): Promise<string> {
  if (key === undefined) throw new Error('the provider has no key');
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.jwk.alg ?? '', kid: key.kid, ...header })
    .sign(key.key);
}

/** A token of any parts; `signature` as base64url. */
export function tokenOf(header: object, claims: object, signature = ''): string {
  const parts = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...parts, signature].join('.');
}

/** One sign-in: the browser visits, and brings back a code, or what `change` makes of the answer. */
export async function signIn(
  source: Source,
  provider: ScriptedProvider,
  { own = passage(), change }: { own?: Passage; change?: (answer: URLSearchParams) => void } = {},
): Promise<SourceProfile> {
  const url = new URL(await source.begin(own, { username: null, prompt: null }));
  const code = `code of ${url.searchParams.get('state') ?? ''}`;
  const nonce = url.searchParams.get('nonce');
  if (nonce !== null) noncesOf.get(provider)?.set(code, nonce);
  const answer = new URLSearchParams({ code, state: own.state });
  change?.(answer);
  return source.finish(own, answer);
}

/** The problem with which a promise rejects; null if it does not. */
export async function problemOf(promise: Promise<unknown>): Promise<Problem | null> {
  try {
    await promise;
  } catch (caught) {
    if (caught instanceof Problem) return caught;
    throw caught;
  }
  return null;
}

/** Its code; `none` without a problem. */
export async function problemCode(promise: Promise<unknown>): Promise<string> {
  return (await problemOf(promise))?.code ?? 'none';
}
