/**
 * Whether a client certificate counts: issued by a listed authority, for clients, and valid now. Trusts no
 * part of it until an authority has signed it.
 */
import type { X509Certificate } from 'node:crypto';
import { bitsOf, extensionsOf } from './extensions.ts';
import { hasStrongKey, isSoundlySigned } from './strength.ts';

/** id-kp-clientAuth (RFC 5280 §4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** OIDs of extensions, as DER in hexadecimal. */
const KEY_USAGE = '551d0f';
const NAME_CONSTRAINTS = '551d1e';
/** Extensions that may be critical: basic constraints, names, key usage and extended key usage. */
const UNDERSTOOD: ReadonlySet<string> = new Set(['551d13', '551d11', KEY_USAGE, '551d25']);
/** The bit digitalSignature, with which a client proves that it has the key. */
const SIGNS = 0x80;

/** Why a certificate is not accepted. */
export type Flaw = 'issuer' | 'purpose' | 'expired';

/** What is known of a certificate without a flaw. */
interface Genuine {
  readonly authority: X509Certificate;
}

/**
 * Returns what is wrong with the certificate at `now` (epoch milliseconds), or who issued it. A valid
 * certificate is issued by one of the authorities (each trusted on its own), is not an authority
 * itself, and allows client authentication.
 */
export function genuineOf(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  now: number,
): Genuine | Flaw {
  const authority = authorities.find(
    (one) =>
      isValid(one, now) &&
      issuesForClients(one) &&
      certificate.checkIssued(one) &&
      certificate.verify(one.publicKey),
  );
  if (authority === undefined || !isSoundlySigned(certificate)) return 'issuer';
  // In node:crypto, `keyUsage` is the extended key usage.
  const isForClients =
    allowsClients(certificate.keyUsage) && signs(certificate) && hasStrongKey(certificate);
  if (certificate.ca || !isForClients || !areUnderstood(certificate)) return 'purpose';
  return isValid(certificate, now) ? { authority } : 'expired';
}

/**
 * Whether certificates of this authority can count: nothing limits them in a way that is not checked here, it
 * may issue them for clients, and only the owner of its key can.
 */
export function issuesForClients(authority: X509Certificate): boolean {
  return areUnderstood(authority) && allowsClients(authority.keyUsage) && hasStrongKey(authority);
}

/**
 * Whether nothing in a certificate limits its use in a way that is not checked here (RFC 5280 §4.2): a
 * critical extension that is not understood, or an authority's constraints on names.
 */
function areUnderstood({ raw }: X509Certificate): boolean {
  const extensions = extensionsOf(raw);
  if (extensions === null || extensions.has(NAME_CONSTRAINTS)) return false;
  return [...extensions].every(([id, { isCritical }]) => !isCritical || UNDERSTOOD.has(id));
}

/** Without the extension, a certificate serves any purpose. */
function allowsClients(usages: readonly string[] | undefined): boolean {
  return usages === undefined || usages.includes(CLIENT_AUTH);
}

/** Without the extension, a key serves for any operation. */
function signs({ raw }: X509Certificate): boolean {
  const usage = extensionsOf(raw)?.get(KEY_USAGE);
  return usage === undefined || ((bitsOf(usage.value) ?? 0) & SIGNS) !== 0;
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}
