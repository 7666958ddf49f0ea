/** How we prove to a provider which client we are. */
import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { importPKCS8 } from 'jose';
import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type CryptoKey,
  None,
  PrivateKeyJwt,
} from 'openid-client';
import { Problem } from '../core/values/problem.ts';

/** What we show: a secret, a signature, or nothing but the client id and PKCE. */
export type Credential =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly key: SigningKey }
  | { readonly method: 'apple'; readonly key: SigningKey; readonly teamId: string }
  | { readonly method: 'none' };

/** A private key in a file. */
interface SigningKey {
  /** Absolute path of a PEM file in PKCS #8. */
  readonly path: string;
  readonly id: string;
  /** JWS algorithm: `ES256`, `RS256`. */
  readonly algorithm: string;
}

/** Lifetime of Apple's client secret, in seconds; it allows six months. */
const APPLE_LIFETIME = 300;
const APPLE = 'https://appleid.apple.com';
const MAX_KEY = 64 * 1024;

/** Reads the key, if there is one. Problem `source/key`. */
export async function clientAuth(credential: Credential): Promise<ClientAuth> {
  switch (credential.method) {
    case 'client_secret_basic':
      return ClientSecretBasic(credential.secret);
    case 'client_secret_post':
      return ClientSecretPost(credential.secret);
    case 'none':
      return None();
    case 'private_key_jwt':
      return PrivateKeyJwt({ key: await keyOf(credential.key), kid: credential.key.id });
    case 'apple': {
      const key = createPrivateKey(await textOf(credential.key));
      return (_server, { client_id: clientId }, body) => {
        body.set('client_id', clientId);
        body.set('client_secret', appleSecret(clientId, credential, key));
      };
    }
    default:
      return credential satisfies never;
  }
}

/** Apple's client secret is a JWT that we sign. */
function appleSecret(
  clientId: string,
  { key: { id, algorithm }, teamId }: Extract<Credential, { method: 'apple' }>,
  key: KeyObject,
): string {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: teamId, sub: clientId, aud: APPLE, iat, exp: iat + APPLE_LIFETIME };
  const signed = [{ alg: algorithm, kid: id }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

async function keyOf(key: SigningKey): Promise<CryptoKey> {
  return importPKCS8(await textOf(key), key.algorithm);
}

/** The text of a key that fits its algorithm. */
async function textOf({ path, algorithm }: SigningKey): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > MAX_KEY) throw new Error('too large');
    await importPKCS8(text, algorithm);
    return text;
  } catch {
    // The cause is left out: it may contain a part of the key.
    throw new Problem('source/key', `The file ${path} is no ${algorithm} key in PKCS #8 (PEM).`);
  }
}
