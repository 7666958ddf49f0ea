/**
 * The parts of a certificate that node:crypto does not show (RFC 5280 §4.1, DER of X.690). Bounded
 * by the certificate and linear. What cannot be read is no certificate.
 */

/** One extension. */
interface Extension {
  readonly isCritical: boolean;
  /** The DER in its octet string. */
  readonly value: Buffer;
}

/** A part of DER with its content. */
interface Part {
  readonly tag: number;
  readonly content: Buffer;
}

const BOOLEAN = 0x01;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
/** `[3]`, the extensions of a certificate. */
const EXTENSIONS = 0xa3;
/** `[0]`, the hash function in the parameters of RSASSA-PSS. */
const HASH = 0xa0;

/** The extensions by the hexadecimal DER of their OID; null if they cannot be read or one is repeated. */
export function extensionsOf(der: Buffer): ReadonlyMap<string, Extension> | null {
  const certificate = only(der, SEQUENCE);
  const body = certificate === null ? null : partsIn(certificate)?.[0];
  const parts = body?.tag === SEQUENCE ? partsIn(body.content) : null;
  if (parts === null) return null;
  const found = new Map<string, Extension>();
  const field = parts.find(({ tag }) => tag === EXTENSIONS);
  if (field === undefined) return found;
  const list = only(field.content, SEQUENCE);
  for (const one of (list === null ? null : partsIn(list)) ?? [NONE]) {
    const [id, ...rest] = (one.tag === SEQUENCE ? partsIn(one.content) : null) ?? [];
    const value = rest.pop();
    const [critical, more] = rest;
    const isRead = id?.tag === OID && value?.tag === OCTET_STRING && more === undefined;
    if (!isRead || (critical !== undefined && critical.tag !== BOOLEAN)) return null;
    const name = id.content.toString('hex');
    if (found.has(name)) return null;
    const isCritical = critical !== undefined && critical.content[0] !== 0;
    found.set(name, { isCritical, value: value.content });
  }
  return found;
}

/**
 * The hash function that an RSASSA-PSS signature of a certificate names, as the hexadecimal DER of its OID; null
 * if it names none (RFC 4055 §3.1).
 */
export function pssHashOf(der: Buffer): string | null {
  const [, algorithm] = partsIn(only(der, SEQUENCE) ?? NONE.content) ?? [];
  const [, parameters] = partsIn(algorithm?.content ?? NONE.content) ?? [];
  const stated = partsIn(parameters?.content ?? NONE.content)?.find(({ tag }) => tag === HASH);
  const [id] = partsIn(only(stated?.content ?? NONE.content, SEQUENCE) ?? NONE.content) ?? [];
  return id?.tag === OID ? id.content.toString('hex') : null;
}

/** The first eight bits of a BIT STRING, the first one highest; null for anything else. */
export function bitsOf(der: Buffer): number | null {
  const content = only(der, BIT_STRING);
  return content === null || content.length < 1 ? null : (content[1] ?? 0);
}

const NONE: Part = { tag: 0, content: Buffer.alloc(0) };

/** The content of the one part of `der`. */
function only(der: Buffer, tag: number): Buffer | null {
  const [part, ...more] = partsIn(der) ?? [];
  return part?.tag === tag && more.length === 0 ? part.content : null;
}

/** The parts side by side; null if their lengths do not add up. */
function partsIn(der: Buffer): readonly Part[] | null {
  const parts: Part[] = [];
  let at = 0;
  while (at < der.length) {
    const tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0x80;
    const sizes = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + sizes;
    // No indefinite length, no tag or length of several bytes beyond what a header can hold.
    if ((tag & 0x1f) === 0x1f || first === 0x80 || sizes > 3 || start > der.length) return null;
    const length = sizes === 0 ? first : der.readUIntBE(at + 2, sizes);
    if (start + length > der.length) return null;
    parts.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return parts;
}
