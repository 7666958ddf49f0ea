/** What a certificate is worth, and whom it names. Believes nothing of it before an authority has vouched for it. */
import type { X509Certificate } from 'node:crypto';
import { foldName, type User } from '../../core/people/user.ts';
import type { Options } from './options.ts';

/** id-kp-clientAuth (RFC 5280 §4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** Hashes with which anybody may have forged a signature. */
const BROKEN = /md[245]|sha-?1(?!\d)/i;

/** Why a certificate proves nobody. */
export type Flaw = 'issuer' | 'purpose' | 'expired';

/**
 * What is wrong with it at `now` (epoch milliseconds), or null. It was issued by one of the
 * authorities, of which each is trusted by itself, is no authority and may be used by clients.
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
  // node:crypto says keyUsage and means the extended one; undefined when there is none.
  const usages = certificate.keyUsage as readonly string[] | undefined;
  if (certificate.ca || usages?.includes(CLIENT_AUTH) === false) return 'purpose';
  return isValid(certificate, now) ? null : 'expired';
}

function isValid({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

/** The part that names its owner; null when it stands there not at all, or more than once. */
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

/** SHA-256 of the whole, in small hexadecimal digits. */
export function fingerprintOf(certificate: X509Certificate): string {
  return plainHex(certificate.fingerprint256);
}

/** Whether what a certificate names is what the directory says of this user. */
export function belongsTo(named: string, user: User, options: Options): boolean {
  const plain = PLAIN[options.attribute] ?? foldName;
  return known(user, options.equals).some((value) => plain(value) === plain(named));
}

function known(user: User, field: Options['equals']): readonly string[] {
  if (field === 'username') return [user.name];
  if (field === 'email') return user.emailVerified ? [user.email] : [];
  let value: unknown = user.attributes;
  for (const key of field.split('.').slice(1)) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    value = isThere ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string').filter((one) => one !== '');
}

/** `AB:CD` and `ab cd` alike; every digit counts. */
function plainHex(text: string): string {
  return text.replace(/[:\s]/g, '').toLowerCase();
}

/** The same for a number, of which a leading zero is no part. */
function plainNumber(text: string): string {
  return plainHex(text).replace(/^0+(?=.)/, '');
}

/** How what is no name is compared. */
const PLAIN: Partial<Record<Options['attribute'], (text: string) => string>> = {
  serial: plainNumber,
  fingerprint: plainHex,
};

/** `email:a@example.com, othername:"UPN:a\\u002cb"`: as node:crypto writes them, odd ones as JSON. */
const ALTERNATIVE = /([^:,"]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?:, |$)/gy;

/** Subject alternative names of one kind; none where not all of them can be read. */
function alternativeNames(certificate: X509Certificate, kind: string): readonly string[] {
  const text = certificate.subjectAltName ?? '';
  const all = [...text.matchAll(ALTERNATIVE)];
  if (all.reduce((length, [whole]) => length + whole.length, 0) !== text.length) return [];
  return all
    .filter(([, is]) => is === kind)
    .map(([, , quoted, plain]) =>
      quoted === undefined ? (plain ?? '') : (JSON.parse(quoted) as string),
    );
}

function only(names: readonly string[]): string | null {
  const [name] = names;
  return names.length === 1 && name !== undefined && name !== '' ? name : null;
}
