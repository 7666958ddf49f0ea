/**
 * The signed assertion: a short-lived JWT (RFC 7519) that tells an app who is there, which an
 * app can check even when a client reaches it without the proxy. EdDSA (RFC 8037), keys made
 * from the server's secrets, so that every instance signs and publishes the same ones.
 */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';
import type { Route } from '../core/routes/route.ts';
import type { Session } from '../core/people/session.ts';
import type { User } from '../core/people/user.ts';

/** How long an assertion is good, in milliseconds; renewed after half of it. */
const LIFETIME = 5 * 60_000;
/** Most assertions remembered. */
const CAPACITY = 10_000;

/** A public key as published at `/.well-known/jwks.json` (RFC 7517). */
interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

/** Signs and publishes. */
export interface Assertions {
  /** A JWT with iss, aud (the route's id), sub, iat, exp, preferred_username, name, email, email_verified, groups, amr. */
  readonly sign: (user: User, session: Session, route: Route, now: number) => string;
  /** The first secret signs; all are published, so that assertions stay valid across a rotation. */
  readonly jwks: { readonly keys: readonly PublicJwk[] };
}

interface Remembered {
  readonly token: string;
  readonly user: User;
  readonly renewAt: number;
}

// RFC 8410 §7: PKCS#8 of an Ed25519 seed is this prefix and the 32 bytes.
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Assertions over the server's secrets; `issuer` is the portal's origin of the moment. */
export function createAssertions(secrets: readonly string[], issuer: () => string): Assertions {
  const keys = secrets.map(signingKey);
  const [first] = keys;
  if (first === undefined) throw new TypeError('assertions need a secret');
  const header = encode({ alg: 'EdDSA', typ: 'JWT', kid: first.jwk.kid });
  const remembered = new Map<string, Remembered>();
  return {
    jwks: { keys: keys.map((key) => key.jwk) },
    sign(user, session, route, now) {
      const id = `${session.id} ${route.id}`;
      const known = remembered.get(id);
      // Another user object means that something about the user changed.
      if (known !== undefined && known.user === user && now < known.renewAt) return known.token;
      const iat = Math.floor(now / 1000);
      const claims = encode({
        iss: issuer(),
        aud: route.id,
        sub: user.id,
        iat,
        exp: iat + LIFETIME / 1000,
        preferred_username: user.name,
        name: user.displayName,
        // OpenID Connect Core 5.1. An address that was only claimed is not passed on at all.
        email: user.emailVerified ? user.email : '',
        email_verified: user.emailVerified,
        groups: user.groups,
        amr: session.proofs.map((proof) => proof.method),
      });
      const signature = sign(null, Buffer.from(`${header}.${claims}`), first.key);
      const token = `${header}.${claims}.${signature.toString('base64url')}`;
      if (remembered.size >= CAPACITY) remembered.clear();
      remembered.set(id, { token, user, renewAt: now + LIFETIME / 2 });
      return token;
    },
  };
}

function signingKey(secret: string): { readonly key: KeyObject; readonly jwk: PublicJwk } {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', 'doorward assertion ed25519', 32));
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('the public key has no x');
  return {
    key,
    jwk: { kty: 'OKP', crv: 'Ed25519', x, kid: x.slice(0, 16), use: 'sig', alg: 'EdDSA' },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
