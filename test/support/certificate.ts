/**
 * X.509 certificates, valid and invalid ones, from a small DER writer (RFC 5280). Keys are P-256
 * unless given.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { START } from './fakes.ts';

const YEAR = 365 * 86_400_000;

/** The contents of a certificate; every default is valid. */
export interface CertificateWords {
  /** Common names of the subject; `[]` for none. */
  readonly names?: readonly string[];
  readonly emails?: readonly string[];
  /** Microsoft's user principal name. */
  readonly upn?: string;
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  /** Organizational units of the subject. */
  readonly units?: readonly string[];
  /** First byte of the key usage, highest bit first; left out: no such extension. */
  readonly keyUsage?: number;
  /** More extensions: a critical one that nothing understands, or constraints on names. */
  readonly strange?: 'critical' | 'name-constraints';
  /** IPv4 addresses of the subject. */
  readonly addresses?: readonly string[];
  readonly serial?: number;
  /** Epoch milliseconds. */
  readonly from?: number;
  readonly until?: number;
  readonly isAuthority?: boolean;
  /** Extended key usages by OID; `[]` for no such extension. */
  readonly usages?: readonly string[];
  /** Hash of the signature. */
  readonly hash?: 'sha256' | 'sha1';
  /** EC or RSA; a new pair unless given. */
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

/** A certificate with its key, and its issuer. */
export interface Issued {
  readonly pem: string;
  readonly der: Buffer;
  readonly key: KeyObject;
  readonly name: Buffer;
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

const SIGNATURES = { sha256: '1.2.840.10045.4.3.2', sha1: '1.2.840.10045.4.1' } as const;
const RSA_SIGNATURES = { sha256: '1.2.840.113549.1.1.11', sha1: '1.2.840.113549.1.1.5' } as const;

/** Creates a certificate, signed by `issuer`, or self-signed without one. */
export function certificate(words: CertificateWords = {}, issuer: Issued | null = null): Issued {
  const { publicKey, privateKey } =
    words.keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const {
    names = ['ann'],
    units = [],
    serial = 7,
    from = START - YEAR,
    until = START + 5 * YEAR,
  } = words;
  const { hash = 'sha256' } = words;
  const name = sequence(
    ...units.map((text) => set(sequence(oid('2.5.4.11'), utf8(text)))),
    ...names.map((text) => set(sequence(oid('2.5.4.3'), utf8(text)))),
  );
  const signer = issuer?.key ?? privateKey;
  const isRsa = signer.asymmetricKeyType === 'rsa';
  const algorithm = sequence(oid((isRsa ? RSA_SIGNATURES : SIGNATURES)[hash]));
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(serial),
    algorithm,
    issuer?.name ?? name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions(words))),
  );
  const signature = sign(hash, body, signer);
  const der = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return { pem: pemOf('CERTIFICATE', der), der, key: privateKey, name };
}

/** An authority that issues certificates. */
export function authority(words: CertificateWords = {}): Issued {
  return certificate({ names: ['Test CA'], isAuthority: true, usages: [], ...words });
}

/** Its key as PEM, for a TLS server or client. */
export function keyPem({ key }: Issued): string {
  return key.export({ type: 'pkcs8', format: 'pem' });
}

function extensions(words: CertificateWords): Buffer[] {
  const {
    isAuthority = false,
    usages = [CLIENT_AUTH],
    emails = [],
    dns = [],
    addresses = [],
    uris = [],
    upn,
    keyUsage,
    strange,
  } = words;
  const names = [
    ...emails.map((email) => tlv(0x81, Buffer.from(email, 'latin1'))),
    ...dns.map((host) => tlv(0x82, Buffer.from(host, 'latin1'))),
    ...addresses.map((address) => tlv(0x87, Buffer.from(address.split('.').map(Number)))),
    ...uris.map((uri) => tlv(0x86, Buffer.from(uri, 'latin1'))),
    ...(upn === undefined ? [] : [tlv(0xa0, oid('1.3.6.1.4.1.311.20.2.3'), tlv(0xa0, utf8(upn)))]),
  ];
  return [
    extension('2.5.29.19', sequence(...(isAuthority ? [tlv(0x01, Buffer.from([0xff]))] : []))),
    ...(usages.length === 0 ? [] : [extension('2.5.29.37', sequence(...usages.map(oid)))]),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))]),
    ...(keyUsage === undefined
      ? []
      : [extension('2.5.29.15', tlv(0x03, Buffer.from([0, keyUsage])), 'critical')]),
    ...(strange === 'critical' ? [extension('1.3.6.1.4.1.99999.1', utf8('x'), 'critical')] : []),
    // Only names below example.com.
    ...(strange === 'name-constraints'
      ? [
          extension(
            '2.5.29.30',
            sequence(tlv(0xa0, sequence(tlv(0x82, Buffer.from('example.com'))))),
            'critical',
          ),
        ]
      : []),
  ];
}

const extension = (id: string, value: Buffer, weight?: 'critical'): Buffer =>
  sequence(
    oid(id),
    ...(weight === undefined ? [] : [tlv(0x01, Buffer.from([0xff]))]),
    tlv(0x04, value),
  );
const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const set = (...parts: readonly Buffer[]): Buffer => tlv(0x31, ...parts);
const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return tlv(0x02, (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** GeneralizedTime, for all years. */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return tlv(0x18, Buffer.from(`${digits}Z`));
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tlv(0x06, Buffer.from(bytes));
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length =
    size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

function pemOf(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
