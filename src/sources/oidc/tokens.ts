/**
 * Verifies what a provider signed: ID tokens and logout tokens. Keys come from the provider's key set
 * alone, never from a token, and only asymmetric algorithms count: with HS256, a public key or a leaked
 * client secret would sign.
 */
import { createHash } from 'node:crypto';
import { jwtVerify, type JWTPayload } from 'jose';
import { JWT_ALGORITHMS } from '../../core/proof/jwt.ts';
import { type LogoutNotice, sourceRefused } from '../../core/sources/source.ts';
import { isRecord } from '../../core/values/record.ts';
import { type Claims, boundedClaims, isText } from '../../oauth/claims.ts';
import { CLOCK_SKEW, MAX_TOKEN } from '../../oauth/client.ts';
import { problemOf } from '../../oauth/faults.ts';
import type { OidcOptions } from './options.ts';
import type { Provider } from './provider.ts';

/** How long a logout token can be used, in seconds. */
const LOGOUT_LIFETIME = 300;
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_ID = 255;

type Verifier = Pick<OidcOptions, 'clientId' | 'tenants'>;

/**
 * The claims of an ID token. With an access token, `at_hash` is verified if the token has one. Rejects
 * with a Problem. Nonce and `auth_time` are verified where the code is redeemed.
 */
export async function readIdToken(
  provider: Provider,
  options: Verifier,
  { token, accessToken }: { readonly token: string; readonly accessToken: string },
): Promise<{ readonly claims: Claims; readonly issuer: string }> {
  const { payload, alg } = await verified(provider, options, {
    token,
    types: ['jwt'],
  });
  // A logout token is no proof of a sign-in (Back-Channel Logout 1.0, 2.6).
  if (payload.events !== undefined) throw refusal('an ID token has events');
  const { at_hash: hash } = payload;
  if (hash !== undefined && hash !== hashOf(accessToken, alg)) {
    throw refusal('at_hash does not match the access token');
  }
  const claims = boundedClaims(payload);
  return { claims, issuer: issuerOf(provider, payload) };
}

/** What a logout token says (Back-Channel Logout 1.0, 2.6). Rejects with a Problem. */
export async function readLogoutToken(
  provider: Provider,
  options: Verifier,
  token: string,
): Promise<LogoutNotice> {
  const { payload } = await verified(provider, options, {
    token,
    types: ['logout+jwt', 'jwt'],
  });
  const { events, nonce, sub, sid, jti, iat, exp } = payload;
  const event = isRecord(events) && Object.hasOwn(events, LOGOUT_EVENT) ? events[LOGOUT_EVENT] : 0;
  if (!isRecord(event)) throw refusal('a logout token without its event');
  if (nonce !== undefined) throw refusal('a logout token with a nonce');
  if (!isText(jti, MAX_ID)) throw refusal('a logout token without jti');
  if (iat === undefined || iat < now() - LOGOUT_LIFETIME - CLOCK_SKEW) {
    throw refusal('a logout token that is not recent');
  }
  const subject = isText(sub, MAX_ID) ? sub : null;
  const session = isText(sid, MAX_ID) ? sid : null;
  if ((subject === null) !== (sub === undefined) || (session === null) !== (sid === undefined)) {
    throw refusal('a logout token with an unreadable sub or sid');
  }
  if (subject === null && session === null) throw refusal('a logout token without sub and sid');
  const lastUse = Math.min(exp ?? Infinity, iat + LOGOUT_LIFETIME) + CLOCK_SKEW;
  return {
    issuer: issuerOf(provider, payload),
    subject,
    sid: session,
    id: jti,
    issuedAt: iat * 1000,
    expiresAt: lastUse * 1000,
  };
}

/** Signature, type, issuer, audience and times. */
async function verified(
  provider: Provider,
  { clientId, tenants }: Verifier,
  { token, types }: { readonly token: string; readonly types: readonly string[] },
): Promise<{ readonly payload: JWTPayload; readonly alg: string }> {
  if (token.length > MAX_TOKEN) throw refusal('a token is too long');
  const { payload, protectedHeader } = await jwtVerify(token, provider.keys, {
    algorithms: [...JWT_ALGORITHMS],
    issuer: issuersOf(provider, tenants),
    audience: clientId,
    clockTolerance: CLOCK_SKEW,
    requiredClaims: ['iat'],
  }).catch((caught: unknown) => {
    throw problemOf(caught);
  });
  const { typ, alg } = protectedHeader;
  // Otherwise a token for one purpose could be used for another (RFC 8725 3.11).
  if (typ !== undefined && !types.includes(typ.toLowerCase().replace(/^application\//, ''))) {
    throw refusal('a token of another type');
  }
  const { aud, azp, iat, tid } = payload;
  if ((azp ?? clientId) !== clientId) throw refusal('a token for another client');
  if (Array.isArray(aud) && aud.length > 1 && azp === undefined) {
    throw refusal('a token for several audiences, without azp');
  }
  if ((iat ?? Infinity) > now() + CLOCK_SKEW) throw refusal('a token of the future');
  // The issuer of one tenant must not speak for another.
  if (tenants !== null && payload.iss !== tenantIssuer(provider, String(tid))) {
    throw refusal('a token whose tenant is not that of its issuer');
  }
  return { payload, alg };
}

function issuersOf(provider: Provider, tenants: readonly string[] | null): string[] {
  return tenants === null
    ? [provider.issuer]
    : tenants.map((tenant) => tenantIssuer(provider, tenant));
}

function tenantIssuer({ issuer }: Provider, tenant: string): string {
  return issuer.replace('{tenantid}', () => tenant);
}

function issuerOf({ issuer }: Provider, { iss }: JWTPayload): string {
  return iss ?? issuer;
}

/** The left half of a hash with the algorithm's own digest (OpenID Connect Core 3.1.3.6). */
function hashOf(accessToken: string, alg: string): string {
  const digest = /(?:384|512)$/.exec(alg)?.[0] ?? (alg.startsWith('Ed') ? '512' : '256');
  const bytes = createHash(`sha${digest}`).update(accessToken).digest();
  return bytes.subarray(0, bytes.length / 2).toString('base64url');
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function refusal(words: string) {
  return sourceRefused(new Error(words));
}
