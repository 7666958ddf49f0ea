/**
 * The signed assertion: a short-lived JWT (RFC 7519) that names the user. An app can verify it even
 * if a client reaches the app around the proxy.
 */
import { randomUUID, sign } from 'node:crypto';
import { boundedGroups } from '../core/access/identity.ts';
import type { Session } from '../core/people/session.ts';
import type { User } from '../core/people/user.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';

/** How long an assertion is good, in milliseconds; renewed after half of it. */
const LIFETIME = 5 * 60_000;
/** Most assertions remembered. */
const CAPACITY = 10_000;

/** The app that an assertion is for. */
interface Audience {
  /** The route's id. */
  readonly id: string;
  /** The origin that was requested. */
  readonly origin: string;
}

/** Signs and publishes. */
export interface Assertions {
  /**
   * A JWT that every preset's app can read: RFC 7519 and OpenID Connect claims, and those that
   * Cloudflare Access (`type`, `nbf`) and Pomerium (`user`, `jti`) document. `aud` has the origin
   * and the route's id.
   */
  readonly sign: (user: User, session: Session, audience: Audience, now: number) => string;
  /** The public keys of the moment, as a JWK set. */
  readonly jwks: (now: number) => { readonly keys: ReturnType<SigningKeys['published']> };
}

interface Remembered {
  readonly token: string;
  readonly user: User;
  readonly renewAt: number;
}

/** Assertions over the server's secrets; `issuer` is the portal's origin of the moment. */
export function createAssertions(secrets: readonly string[], issuer: () => string): Assertions {
  const keys = createSigningKeys(secrets);
  const remembered = new Map<string, Remembered>();
  return {
    jwks: (now) => ({ keys: keys.published(now) }),
    sign(user, session, audience, now) {
      const id = `${session.id} ${audience.id} ${audience.origin}`;
      const known = remembered.get(id);
      // Another user object means that something about the user changed.
      if (known !== undefined && known.user === user && now < known.renewAt) return known.token;
      const { key, jwk } = keys.current(now);
      const header = encode({ alg: jwk.alg, typ: 'JWT', kid: jwk.kid });
      const claims = encode({ iss: issuer(), ...claimsOf(user, session, audience, now) });
      const signature = sign(null, Buffer.from(`${header}.${claims}`), key);
      const token = `${header}.${claims}.${signature.toString('base64url')}`;
      if (remembered.size >= CAPACITY) remembered.clear();
      remembered.set(id, { token, user, renewAt: now + LIFETIME / 2 });
      return token;
    },
  };
}

function claimsOf(user: User, session: Session, { id, origin }: Audience, now: number): object {
  const iat = Math.floor(now / 1000);
  return {
    aud: [origin, id],
    sub: user.id,
    iat,
    // A minute early, for apps whose clock is behind.
    nbf: iat - 60,
    exp: iat + LIFETIME / 1000,
    jti: randomUUID(),
    type: 'app',
    user: user.id,
    preferred_username: user.name,
    name: user.displayName,
    // OpenID Connect Core 5.1. An address that was only claimed is not passed on at all.
    email: user.emailVerified ? user.email : '',
    email_verified: user.emailVerified,
    groups: boundedGroups(user),
    amr: session.proofs.map((proof) => proof.method),
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
