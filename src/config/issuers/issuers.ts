/** Links `jwt`: issuers whose JSON Web Tokens count. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Issuer, KeySource } from '../../core/proof/jwt.ts';
import { codeOf, isRecord } from '../../core/values/record.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { Config } from '../schema/schema.ts';
import { type Limits, linkLimits } from './limits.ts';

type IssuerConfig = Config['jwt'][number];

/** Largest file of keys, in bytes. */
const MAX_KEYS_BYTES = 65_536;

/** The issuers; those with a fault are left out. Relative paths start from `base`. */
export function linkIssuers(
  { jwt, routes }: Pick<Config, 'jwt' | 'routes'>,
  base: string,
  root: Spot,
): readonly Issuer[] {
  const names = new Set<string>();
  const ids = routes.map(({ id }) => id);
  return jwt.flatMap((config, index) => {
    const spot = below(root, 'jwt', index);
    if (names.has(config.name)) blame(below(spot, 'name'), `duplicate: ${config.name}`);
    names.add(config.name);
    const keys = linkKeys(config, base, spot);
    const limits = linkLimits(config, ids, spot);
    checkConditions(config, spot);
    return keys === null ? [] : [issuerOf(config, keys, limits)];
  });
}

function issuerOf(config: IssuerConfig, keys: KeySource, limits: Limits): Issuer {
  const { name, issuer, audience, algorithms, lifetime, user } = config;
  return {
    name,
    issuer,
    audience,
    algorithms,
    keys,
    claims: Object.entries(config.claims).map(([claim, values]) => [claim, [values].flat()]),
    user:
      typeof user === 'string'
        ? { name: user }
        : { claim: user.claim, prefix: user.prefix, memberOf: user.member_of },
    ...limits,
    lifetime,
  };
}

/** Where the keys are; null after a fault. */
function linkKeys(config: IssuerConfig, base: string, spot: Spot): KeySource | null {
  const { issuer, jwks_url: url, jwks_file: file } = config;
  if (file !== undefined) {
    if (url !== undefined)
      blame(below(spot, 'jwks_url'), 'has no effect beside jwks_file', null, 'key');
    return fileKeys(resolve(base, file), below(spot, 'jwks_file'));
  }
  if (url !== undefined) {
    return isSafeUrl(url, below(spot, 'jwks_url')) ? { kind: 'url', url } : null;
  }
  if (!isSafeUrl(issuer, below(spot, 'issuer'))) return null;
  if (!/[?#]/.test(issuer)) return { kind: 'discovery' };
  blame(below(spot, 'issuer'), 'has a query, so its metadata cannot be found; add jwks_url');
  return null;
}

/** A party that can change the keys on their way can sign in as anyone. */
function isSafeUrl(text: string, spot: Spot): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '');
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal);
  if (isSafe && url.username === '' && url.password === '') return true;
  blame(spot, 'expected an https URL without credentials, or a file with `jwks_file`');
  return false;
}

function fileKeys(path: string, spot: Spot): KeySource | null {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (caught) {
    blame(spot, `cannot be read (${codeOf(caught)})`);
    return null;
  }
  if (text.length <= MAX_KEYS_BYTES && hasPublicKeys(text)) return { kind: 'inline', keys: text };
  blame(spot, 'expected a JSON Web Key Set with public keys: {"keys": [{"kty": "RSA", …}]}');
  return null;
}

function hasPublicKeys(text: string): boolean {
  try {
    const set: unknown = JSON.parse(text);
    const keys: unknown = isRecord(set) ? set['keys'] : null;
    return (
      Array.isArray(keys) &&
      keys.length > 0 &&
      keys.every((key) => isRecord(key) && key['kty'] !== 'oct' && key['d'] === undefined)
    );
  } catch {
    // Named fallback: what is no JSON has no keys, which is a fault.
    return false;
  }
}

/** Some issuers sign tokens for anyone who asks, for any audience: GitHub for every repository. */
function checkConditions({ user, claims }: IssuerConfig, spot: Spot): void {
  if (typeof user !== 'string' || Object.keys(claims).length > 0) return;
  blame(
    below(spot, 'user'),
    `every token of this issuer would be ${user}; expected \`claims\` that say which ones, such as { sub: … }`,
  );
}
