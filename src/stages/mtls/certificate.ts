/**
 * Validates a client certificate and reads the owner's name from it. Trusts no part of it until an
 * authority has signed it.
 */
import type { X509Certificate } from 'node:crypto';
import { foldName, type User } from '../../core/people/user.ts';
import type { Options } from './options.ts';

/** id-kp-clientAuth (RFC 5280 §4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** Broken hash functions: signatures made with them can be forged. */
const BROKEN = /md[245]|sha-?1(?!\d)/i;

/** Why a certificate is not accepted. */
export type Flaw = 'issuer' | 'purpose' | 'expired';

/**
 * Returns what is wrong with the certificate at `now` (epoch milliseconds), or null. A valid
 * certificate is issued by one of the authorities (each trusted on its own), is not an authority
 * itself, and allows client authentication.
 */
export function flawOf(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  now: number,
): Flaw | null {
  const isIssued = authorities.some(
    (one) => isValid(one, now) && certificate.checkIssued(one) && certificate.verify(one.publicKey),
  );
  if (!isIssued || BROKEN.test(certificate.signatureAlgorithm ?? '')) return 'issuer';
  // In node:crypto, `keyUsage` is the extended key usage.
  if (certificate.ca || !allowsClients(certificate.keyUsage)) return 'purpose';
  return isValid(certificate, now) ? null : 'expired';
}

/** Without the extension, a certificate serves any purpose. */
function allowsClients(usages: readonly string[] | undefined): boolean {
  return usages === undefined || usages.includes(CLIENT_AUTH);
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

/** Returns the part that names the owner, or null if it is missing or repeated. */
export function namedIn(
  certificate: X509Certificate,
  attribute: Options['attribute'],
): string | null {
  switch (attribute) {
    case 'subject.CN': {
      const name: unknown = certificate.toLegacyObject().subject['CN'];
      return typeof name === 'string' && name !== '' ? name : null;
    }
    case 'san.email':
      return only(alternativeNames(certificate, 'email'));
    case 'san.upn':
      return only(
        alternativeNames(certificate, 'othername').flatMap((name) =>
          name.startsWith('UPN:') ? [name.slice('UPN:'.length)] : [],
        ),
      );
    case 'serial':
      return plainNumber(certificate.serialNumber);
    case 'fingerprint':
      return fingerprintOf(certificate);
  }
}

/** SHA-256 of the certificate, in lowercase hexadecimal. */
export function fingerprintOf(certificate: X509Certificate): string {
  return plainHex(certificate.fingerprint256);
}

/** Whether the name in the certificate matches the user's value in the directory. */
export function belongsTo(named: string, user: User, options: Options): boolean {
  const plain = PLAIN[options.attribute] ?? foldName;
  return known(user, options.equals).some((value) => plain(value) === plain(named));
}

function known(user: User, field: Options['equals']): readonly string[] {
  if (field === 'username') return [user.name];
  if (field === 'email') return user.emailVerified ? [user.email] : [];
  let value: unknown = user.attributes;
  for (const key of field.split('.').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return [];
    value = Reflect.get(value, key);
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string').filter((one) => one !== '');
}

/** Treats `AB:CD` and `ab cd` alike. Leading zeros are significant. */
function plainHex(text: string): string {
  return text.replace(/[:\s]/g, '').toLowerCase();
}

/** Like `plainHex`, for numbers: leading zeros are not significant. */
function plainNumber(text: string): string {
  return plainHex(text).replace(/^0+(?=.)/, '');
}

/**
 * How serial numbers and fingerprints are normalized; all other parts are folded like usernames.
 */
const PLAIN: Partial<Record<Options['attribute'], (text: string) => string>> = {
  serial: plainNumber,
  fingerprint: plainHex,
};

/**
 * Matches `email:a@example.com, othername:"UPN:a\\u002cb"`, as node:crypto formats names; it quotes
 * unusual ones as JSON.
 */
const ALTERNATIVE = /([^:,"]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?:, |$)/gy;

/** Returns the subject alternative names of one kind, or none if any of them cannot be parsed. */
function alternativeNames(certificate: X509Certificate, kind: string): readonly string[] {
  const text = certificate.subjectAltName ?? '';
  const all = [...text.matchAll(ALTERNATIVE)];
  if (all.reduce((length, [whole]) => length + whole.length, 0) !== text.length) return [];
  return all
    .filter(([, is]) => is === kind)
    .map(([, , quoted, plain]) =>
      quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted)),
    );
}

function only(names: readonly string[]): string | null {
  const [name] = names;
  return names.length === 1 && name !== undefined && name !== '' ? name : null;
}
