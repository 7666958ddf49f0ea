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

/**
 * Matches `OU=builds`, `CN=a + OU=b`, as node:crypto formats names: one line for each part, escaped as in RFC 2253
 * and RFC 4514.
 */
const SUBJECT = /([^=\n]+)=((?:\\.|[^\\+\n])*?)(?: \+ |\n|$)/gy;

/**
 * Values in the subject, or none if any part of it cannot be parsed. Not from `toLegacyObject()`, which kills
 * the process if the key is on a curve without a NIST name, such as brainpoolP256r1 (Node 26.10).
 */
function subjectValues(certificate: X509Certificate, key: 'CN' | 'O' | 'OU'): readonly string[] {
  const text = certificate.subject ?? '';
  const all = [...text.matchAll(SUBJECT)];
  if (all.reduce((length, [whole]) => length + whole.length, 0) !== text.length) return [];
  return all.filter(([, is]) => is === key).map(([, , value = '']) => unescaped(value));
}

function unescaped(value: string): string {
  return value.replaceAll(/\\([0-9A-F]{2}|.)/g, (_, escape: string) =>
    escape.length === 1 ? escape : String.fromCharCode(Number.parseInt(escape, 16)),
  );
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
