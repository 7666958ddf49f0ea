/** Whether a certificate's key and signature are beyond forging, as far as an authority has a choice. */
import type { KeyObject, X509Certificate } from 'node:crypto';
import { pssHashOf } from './extensions.ts';

/** Fewest bits of an RSA or DSA modulus, and of an elliptic curve (NIST SP 800-131A). */
const MIN_MODULUS = 2048;
const MIN_CURVE = 224;

/** Signature algorithms that are accepted, as OpenSSL names them. All others are broken or unknown. */
const SOUND = /sha3?-?(?:224|256|384|512)|^ed(?:25519|448)$|^(?:ml|slh)-dsa-/i;
const PSS = /^rsassa-?pss$/i;
/** SHA-256, SHA-384 and SHA-512, as DER in hexadecimal. Without a statement, PSS uses SHA-1 (RFC 4055). */
const SHA2 = /^60864801650304020[123]$/;

/** Whether the key is too long to be computed from the certificate. False if it is of an unknown kind. */
export function hasStrongKey(certificate: X509Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = keyOf(certificate) ?? {};
  const { modulusLength = MIN_MODULUS, namedCurve = '' } = details ?? {};
  // Curves have their size in their name: prime256v1, secp384r1, brainpoolP256r1.
  const size = Number(/\d{3}/.exec(namedCurve)?.[0] ?? 0);
  return type !== undefined && modulusLength >= MIN_MODULUS && (type !== 'ec' || size >= MIN_CURVE);
}

function keyOf(certificate: X509Certificate): KeyObject | null {
  try {
    return certificate.publicKey;
  } catch {
    // Named fallback: a key that cannot be read is of an unknown kind.
    return null;
  }
}

/** Whether no one but the issuer can have signed the certificate. */
export function isSoundlySigned({ signatureAlgorithm: name = '', raw }: X509Certificate): boolean {
  return PSS.test(name) ? SHA2.test(pssHashOf(raw) ?? '') : SOUND.test(name);
}
