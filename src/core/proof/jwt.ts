/**
 * JSON Web Tokens of issuers that the operator lists (RFC 7519, best practices of RFC 8725): what one
 * says, and whether it counts. The signature is checked elsewhere. Pure, bounded and linear.
 */
import type { Directory } from '../people/directory.ts';
import type { JwtFault } from '../people/token.ts';
import type { User } from '../people/user.ts';
import type { Network } from '../request/address.ts';
import type { Json } from '../values/json.ts';
import { isRecord } from '../values/record.ts';
import { MAX_NAME, mappedUser, nameIn } from '../credential/mapped-user.ts';

/** Asymmetric algorithms alone: a public key must never serve as a shared secret. */
export const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

/** Where an issuer's public keys are. */
export type KeySource =
  /** Its metadata name them: `ISSUER/.well-known/openid-configuration`. */
  | { readonly kind: 'discovery' }
  | { readonly kind: 'url'; readonly url: string }
  /** A JSON Web Key Set as text. */
  | { readonly kind: 'inline'; readonly keys: string };

/** A claim's value that a condition names. */
type ClaimValue = string | number | boolean;

/** An issuer whose tokens count, for the requests that match. */
export interface Issuer {
  /** Unique in the configuration. */
  readonly name: string;
  /** The claim `iss`, compared exactly. */
  readonly issuer: string;
  /** One of them must be in the claim `aud`. */
  readonly audience: readonly string[];
  readonly algorithms: readonly JwtAlgorithm[];
  readonly keys: KeySource;
  /** Each claim must have one of these values, or contain one if it is a list. */
  readonly claims: readonly (readonly [string, readonly ClaimValue[]])[];
  readonly user:
    | { readonly name: string }
    /** The rest of a claim behind `prefix`, of a user who is in one of the groups. */
    | { readonly claim: string; readonly prefix: string; readonly memberOf: readonly string[] };
  /** Groups beside those of the user. */
  readonly groups: readonly string[];
  /** Limits, as of a token. An empty list sets none. */
  readonly routes: readonly string[];
  readonly methods: readonly string[];
  readonly networks: readonly Network[];
  /** Longest time from issue to expiry, in milliseconds. */
  readonly lifetime: number;
}

/** A token as read, before anything of it is believed. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Checks signatures with the keys of issuers. */
export interface JwtVerifier {
  /** Why a signature does not count; null if it does. Rejects with Problem `issuer/unavailable` (503). */
  verify(text: string, issuer: Issuer): Promise<JwtFault | null>;
  /** Differs once any issuer is known to have other keys: what was verified before does not count any more. */
  keysVersion(): number;
}

/** How far clocks may differ, in milliseconds. */
const SKEW = 60_000;

const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
/** RFC 7519 and RFC 9068. A token for another purpose has another type. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Whether a text has the form of a JWT. */
export function isJwtLike(text: string): boolean {
  return FORM.test(text);
}

/** What a token says; null if it is malformed. */
export function readJwt(text: string): Jwt | null {
  const [header, claims] = text.split('.', 2).map(jsonOf);
  return isRecord(header) && isRecord(claims) ? { header, claims } : null;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function jsonOf(encoded: string): unknown {
  try {
    return JSON.parse(decoder.decode(Buffer.from(encoded, 'base64url')));
  } catch {
    // Named fallback: what is no JSON in UTF-8 is malformed.
    return null;
  }
}

/** The issuers that a token can be of: `name` distinguishes several with the same `iss`. */
function issuersOf(issuers: readonly Issuer[], { claims }: Jwt): readonly Issuer[] {
  return issuers.filter(({ issuer }) => claims['iss'] === issuer);
}

/** Why a token does not count for an issuer at this time; null if it does. Epoch milliseconds. */
export function faultOf({ header, claims }: Jwt, issuer: Issuer, now: number): JwtFault | null {
  const { alg, typ, kid, crit } = header;
  // An extension that must be understood (RFC 7515, 4.1.11) is not.
  if (crit !== undefined || (kid !== undefined && typeof kid !== 'string')) return 'jwt/malformed';
  const isTyped = typeof typ === 'string' && TYPES.has(typ.toLowerCase());
  if (typ !== undefined && !isTyped) return 'jwt/malformed';
  if (!issuer.algorithms.some((one) => one === alg)) return 'jwt/algorithm';
  if (claims['iss'] !== issuer.issuer) return 'jwt/issuer';
  const subject = claims['sub'];
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_NAME) {
    return 'jwt/malformed';
  }
  const audience = [claims['aud']].flat();
  if (!issuer.audience.some((one) => audience.includes(one))) return 'jwt/audience';
  const time = timeFault(claims, issuer, now);
  if (time !== null) return time;
  const holds = issuer.claims.every(([name, values]) => {
    if (!Object.hasOwn(claims, name)) return false;
    const given: readonly unknown[] = [claims[name]].flat();
    return values.some((value) => given.includes(value));
  });
  return holds ? null : 'jwt/claims';
}

function timeFault(claims: Jwt['claims'], { lifetime }: Issuer, now: number): JwtFault | null {
  const [exp, nbf, iat] = [claims['exp'], claims['nbf'], claims['iat']];
  if (!isTime(exp)) return 'jwt/malformed';
  if ((nbf !== undefined && !isTime(nbf)) || (iat !== undefined && !isTime(iat))) {
    return 'jwt/malformed';
  }
  if (now >= exp * 1000 + SKEW) return 'jwt/expired';
  const begun = Math.max(nbf ?? 0, iat ?? 0) * 1000;
  if (now < begun - SKEW) return 'jwt/not-yet';
  // Without a time of issue, it must end within a lifetime from now.
  const issued = (iat ?? nbf ?? now / 1000) * 1000;
  return exp * 1000 - issued > lifetime ? 'jwt/lifetime' : null;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e11;
}

/** The enabled user that a token stands for, with the issuer's groups; null if there is none. */
function userOf(
  { user, groups }: Issuer,
  { claims }: Jwt,
  directory: Pick<Directory, 'find'>,
): Promise<User | null> {
  if ('name' in user) return mappedUser(user.name, {}, groups, directory);
  const value: unknown = Object.hasOwn(claims, user.claim) ? claims[user.claim] : null;
  return mappedUser(nameIn(value, user), user, groups, directory);
}

/** What judging a token needs. */
export interface Judging {
  readonly issuers: readonly Issuer[];
  readonly directory: Pick<Directory, 'find'>;
  /** Checks the signature, once all else fits. */
  readonly verify: (issuer: Issuer) => Promise<JwtFault | null>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The issuer and the user of a token that counts, or why it does not. */
export async function judgeJwt(
  jwt: Jwt,
  { issuers, directory, verify, now }: Judging,
): Promise<{ readonly issuer: Issuer; readonly user: User } | JwtFault> {
  let fault: JwtFault = 'jwt/issuer';
  for (const issuer of issuersOf(issuers, jwt)) {
    const found = faultOf(jwt, issuer, now) ?? (await verify(issuer));
    if (found === null) {
      const user = await userOf(issuer, jwt, directory);
      return user === null ? 'jwt/no-user' : { issuer, user };
    }
    fault = found;
  }
  return fault;
}

/** Whose token it is, and until when it counts, in epoch milliseconds; of one without a fault. */
export function termOf({ claims }: Jwt): { readonly subject: string; readonly until: number } {
  return { subject: String(claims['sub']), until: Number(claims['exp']) * 1000 + SKEW };
}

/** Claims as JSON, with the times that a test leaves out: issued now, for a minute. */
export function inventedJwt(
  { issuer, audience, algorithms }: Issuer,
  claims: Readonly<Record<string, Json>>,
  now: number,
): Jwt {
  const seconds = Math.floor(now / 1000);
  const times = { iat: seconds, exp: seconds + 60 };
  const [aud] = audience;
  const [alg] = algorithms;
  return {
    header: { alg },
    claims: { iss: issuer, aud: aud ?? '', sub: 'test', ...times, ...claims },
  };
}
