/** What a certificate says of its owner. Believe none of it before an authority has signed it. */
import type { X509Certificate } from 'node:crypto';
import { type CertificateAttribute, comparable } from '../core/credential/certificate.ts';

/** All values of an attribute; none if the certificate could be read in two ways. */
export function valuesIn(
  certificate: X509Certificate,
  attribute: CertificateAttribute,
): readonly string[] {
  switch (attribute) {
    case 'subject.CN':
      return subjectValues(certificate, 'CN');
    case 'subject.O':
      return subjectValues(certificate, 'O');
    case 'subject.OU':
      return subjectValues(certificate, 'OU');
    case 'san.email':
      return alternativeNames(certificate, 'email');
    case 'san.dns':
      return alternativeNames(certificate, 'DNS');
    case 'san.uri':
      return alternativeNames(certificate, 'URI');
    case 'san.upn':
      return alternativeNames(certificate, 'othername').flatMap((name) =>
        name.startsWith('UPN:') ? [name.slice('UPN:'.length)] : [],
      );
    case 'serial':
      return [comparable(attribute, certificate.serialNumber)];
    case 'fingerprint':
      return [fingerprintOf(certificate)];
  }
}

/** Returns the value of an attribute, or null if it is missing or repeated. */
export function namedIn(
  certificate: X509Certificate,
  attribute: CertificateAttribute,
): string | null {
  const [value, ...more] = valuesIn(certificate, attribute);
  return value === undefined || value === '' || more.length > 0 ? null : value;
}

/** SHA-256 of the certificate, in lowercase hexadecimal. */
export function fingerprintOf(certificate: X509Certificate): string {
  return comparable('fingerprint', certificate.fingerprint256);
}

function subjectValues(certificate: X509Certificate, key: 'CN' | 'O' | 'OU'): readonly string[] {
  const value: unknown = certificate.toLegacyObject().subject[key];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string');
}

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
