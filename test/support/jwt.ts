/** An issuer of JSON Web Tokens, with keys of its own. */
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import type { Issuer } from '../../src/core/proof/jwt.ts';
import { START } from './fakes.ts';

/** A key pair with its public part. */
export interface TestKey {
  readonly jwk: JWK;
  readonly sign: (
    claims: Readonly<Record<string, unknown>>,
    header?: Partial<JWTHeaderParameters>,
  ) => Promise<string>;
}

/** A new key pair. */
export async function testKey(kid: string, alg = 'ES256'): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: signer(privateKey),
  };

  function signer(key: CryptoKey): TestKey['sign'] {
    return (claims, header = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(key);
  }
}

/** An issuer for `ann` on every route. */
export function testIssuer(changes: Partial<Issuer> = {}): Issuer {
  return {
    name: 'ci',
    issuer: 'https://ci.example.com',
    audience: ['https://wiki.example.com'],
    algorithms: ['RS256', 'ES256'],
    keys: { kind: 'url', url: 'https://ci.example.com/keys' },
    claims: [],
    user: { name: 'ann' },
    groups: [],
    routes: [],
    methods: [],
    networks: [],
    lifetime: 86_400_000,
    ...changes,
  };
}

/** Claims of that issuer, issued at START for an hour. */
export function testClaims(
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const iat = START / 1000;
  return {
    iss: 'https://ci.example.com',
    aud: 'https://wiki.example.com',
    sub: 'repo:org/app',
    iat,
    exp: iat + 3600,
    ...changes,
  };
}
