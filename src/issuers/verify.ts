/**
 * Checks the signature of a JSON Web Token with keys that its issuer publishes. Only those keys count:
 * keys, certificates and addresses in the token's own header are ignored (RFC 8725, 3.10).
 */
import type { JSONWebKeySet } from 'jose';
import type { JwtFault } from '../core/people/token.ts';
import type { Issuer, JwtVerifier } from '../core/proof/jwt.ts';
import { fieldsOf } from '../core/values/record.ts';
import { createIssuerKeys, type IssuerKeys, type KeyParts, type KeySet } from './keys.ts';

/** Verifies with the keys of all issuers of a configuration. */
export function createJwtVerifier(parts: KeyParts): JwtVerifier {
  const keys = createIssuerKeys(parts);
  return {
    verify: (text, issuer) => verify(keys, text, issuer),
    keysVersion: () => keys.version(),
  };
}

async function verify(keys: IssuerKeys, text: string, issuer: Issuer): Promise<JwtFault | null> {
  const set = await keys.of(issuer);
  const fault = await faultWith(set, text, issuer);
  if (fault !== 'jwt/key') return fault;
  // The issuer may have a new key.
  const newer = await keys.newer(issuer, set);
  return newer === set ? fault : faultWith(newer, text, issuer);
}

type Finder = ReturnType<typeof import('jose').createLocalJWKSet>;

/** Imported keys, as long as their set is in use. */
const finders = new WeakMap<KeySet, Finder>();

async function faultWith(set: KeySet, text: string, issuer: Issuer): Promise<JwtFault | null> {
  // Loaded when the first token needs it.
  const { compactVerify, createLocalJWKSet } = await import('jose');
  let finder = finders.get(set);
  if (finder === undefined) {
    const keys = set.keys.map((key) => ({ ...fieldsOf(key) })) as JSONWebKeySet['keys'];
    finder = createLocalJWKSet({ keys });
    finders.set(set, finder);
  }
  try {
    await compactVerify(text, finder, { algorithms: [...issuer.algorithms] });
    return null;
  } catch (caught) {
    // Named fallback: whatever is wrong, the token does not count.
    const { code } = fieldsOf(caught);
    const isUnknown =
      code === 'ERR_JWKS_NO_MATCHING_KEY' || code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS';
    return isUnknown ? 'jwt/key' : 'jwt/signature';
  }
}
