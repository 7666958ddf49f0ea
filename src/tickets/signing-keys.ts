/**
 * The keys of the signed assertion. A new key signs every 30 days. All of them are derived from the
 * server's secrets and the number of the period, so that every worker and instance signs with and
 * publishes the same keys without talking to the others. Ed25519 (RFC 8037).
 */
import { createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import { type BaseKey, baseKeys } from './secrets.ts';

/** How long a key signs, in milliseconds. */
const PERIOD = 30 * 86_400_000;

/** A public key as published at `/.well-known/jwks.json` (RFC 7517). */
interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  /** Its thumbprint (RFC 7638). */
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

/** A key pair. */
interface SigningKey {
  readonly key: KeyObject;
  readonly jwk: PublicJwk;
}

/** The keys of the moment. `now` in epoch milliseconds. */
export interface SigningKeys {
  /** The key that signs: that of the first secret. */
  current(now: number): SigningKey;
  /**
   * Of every secret: the key of the last period, of this one and of the next. Each key is thus
   * published for 30 days before it signs and for 30 days after.
   */
  published(now: number): readonly PublicJwk[];
}

/** Keys of these secrets; Problem `secrets/weak` as for `baseKeys`. */
export function createSigningKeys(secrets: readonly string[]): SigningKeys {
  const bases = baseKeys(secrets);
  // One list for each secret: the last, this and the next period.
  let of: { readonly period: number; readonly keys: readonly (readonly SigningKey[])[] } | null;
  of = null;
  const keysAt = (now: number): readonly (readonly SigningKey[])[] => {
    const period = Math.floor(now / PERIOD);
    if (of?.period !== period) {
      const periods = [period - 1, period, period + 1];
      of = { period, keys: bases.map((base) => periods.map((one) => signingKey(base, one))) };
    }
    return of.keys;
  };
  return {
    current(now) {
      const key = keysAt(now)[0]?.[1];
      if (key === undefined) throw new TypeError('no signing key');
      return key;
    },
    published: (now) => keysAt(now).flatMap((keys) => keys.map(({ jwk }) => jwk)),
  };
}

// RFC 8410 §7: PKCS#8 of an Ed25519 seed is this prefix and the 32 bytes.
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

function signingKey(base: BaseKey, period: number): SigningKey {
  const seed = base.key(`assertion ed25519 ${period}`);
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('the public key has no x');
  // RFC 8037 §2: the required members in lexical order, without blanks.
  const kid = hash('sha256', `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`, 'base64url');
  return { key, jwk: { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' } };
}
