/** A source at a scripted provider, and forged tokens. */
import { createHmac } from 'node:crypto';
import { exportSPKI, importJWK } from 'jose';
import type { Source } from '../../src/core/sources/source.ts';
import { openOidcSource } from '../../src/sources/oidc/open.ts';
import { oidcOptions } from '../../src/sources/oidc/options.ts';
import { AGES } from '../../src/sources/oidc/provider.ts';
import { fakeClock } from '../support/fakes.ts';
import {
  CLIENT_ID,
  type ScriptedProvider,
  scriptedKey,
  scriptedProvider,
  tokenOf,
} from '../support/scripted-provider.ts';

export const ISSUER = 'https://id.example.com/realms/main';
export const SECRET = 'the secret of the client';

/** A source that asks for an unknown key at once, or after `keyCooldown`. */
export function openAt(
  { openDoor }: ScriptedProvider,
  options: object = {},
  keyCooldown = 0,
): Promise<Source> {
  const config = { issuer: ISSUER, client_id: CLIENT_ID, client_secret: SECRET, ...options };
  const tools = { name: 'work', clock: fakeClock(), openDoor };
  return openOidcSource(oidcOptions.parse(config), tools, { ...AGES, keyCooldown });
}

/** Signed with a key that the provider does not have, under its key's id unless `header` has one. */
export async function strange(
  provider: ScriptedProvider,
  claims: object,
  header: object = {},
): Promise<string> {
  const own = await scriptedKey();
  return signedWith(own, { ...claims }, { kid: provider.keys[0]?.kid ?? '', ...header });
}

/** A token that another key signed. */
export async function signedWith(
  key: Awaited<ReturnType<typeof scriptedKey>>,
  claims: Record<string, unknown>,
  header: object,
): Promise<string> {
  const other = await scriptedProvider('https://attacker.invalid');
  other.keys = [key];
  return other.sign(claims, header);
}

/** A token with HS256, under the id of the provider's key. */
export function hmac(provider: ScriptedProvider, claims: object, secret: string): string {
  const unsigned = tokenOf({ alg: 'HS256', kid: provider.keys[0]?.kid }, claims);
  const signed = unsigned.replace(/\.$/, '');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** The same, with the published key as its secret. */
export async function hmacWithPublicKey(
  provider: ScriptedProvider,
  claims: object,
): Promise<string> {
  const jwk = provider.keys[0]?.jwk ?? {};
  const key = await importJWK({ ...jwk, ext: true }, 'ES256');
  if (!(key instanceof CryptoKey)) throw new Error('no public key');
  return hmac(provider, claims, await exportSPKI(key));
}

/** A token with a changed header. */
export function reheaded(token: string, header: object): string {
  const [first = '', ...rest] = token.split('.');
  const own = JSON.parse(Buffer.from(first, 'base64url').toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...own, ...header })).toString('base64url');
  return [changed, ...rest].join('.');
}

/** A token with other claims. */
export function reclaimed(token: string, claims: object): string {
  const [first, , last] = token.split('.');
  return [first, Buffer.from(JSON.stringify(claims)).toString('base64url'), last].join('.');
}
