/**
 * The text behind the percent-encoding of a path. What UTF-8 cannot express is kept in lone
 * surrogates, which no escape decodes to: bytes that are not UTF-8, and slashes that separate nothing.
 */

/** Stands for a decoded slash that is part of its segment. */
export const LITERAL_SLASH = '\ud800';

/** Stands for any name: a server may serve each sibling under it. */
export const ANY_NAME = '\ud801';

/** A byte that is not UTF-8 is this plus its value. */
const BYTE = 0xdc00;

const BYTES = /[\udc80-\udcff]/g;

const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/g;

/** Decodes once. A decoded slash separates segments, or is a literal part of its own. Linear time. */
export function decodeBytes(text: string, slash: 'separates' | 'literal'): string {
  return text.replace(ESCAPES, (run) => {
    const decoded = utf8(run);
    return slash === 'literal' ? decoded.replaceAll('/', LITERAL_SLASH) : decoded;
  });
}

/** Sequences of well-formed UTF-8 (Unicode, table 3-7). */
const SEQUENCES = [
  /%[0-7][0-9a-f]/,
  /%(?:c[2-9a-f]|d[0-9a-f])%[89ab][0-9a-f]/,
  /%e0%[ab][0-9a-f]%[89ab][0-9a-f]/,
  /%(?:e[1-9a-cef])(?:%[89ab][0-9a-f]){2}/,
  /%ed%[89][0-9a-f]%[89ab][0-9a-f]/,
  /%f0%[9ab][0-9a-f](?:%[89ab][0-9a-f]){2}/,
  /%f[1-3](?:%[89ab][0-9a-f]){3}/,
  /%f4%8[0-9a-f](?:%[89ab][0-9a-f]){2}/,
]
  .map(({ source }) => source)
  .join('|');
const WELL_FORMED = new RegExp(`^(?:${SEQUENCES})+$`, 'i');
/** Any other byte by itself. */
const PIECES = new RegExp(`${SEQUENCES}|%[0-9a-f]{2}`, 'gi');

/** Tested first, because an error for each broken run takes too long. */
function utf8(run: string): string {
  return WELL_FORMED.test(run) ? decodeURIComponent(run) : piecewise(run);
}

function piecewise(run: string): string {
  return run.replace(PIECES, (piece) => {
    const byte = Number.parseInt(piece.slice(1, 3), 16);
    if (piece.length > 3 || byte < 0x80) return decodeURIComponent(piece);
    return String.fromCharCode(BYTE + byte);
  });
}

/** The bytes as characters of Latin-1. */
export function asLatin1(text: string): string {
  return text.replace(BYTES, (byte) => String.fromCharCode(byte.charCodeAt(0) - BYTE));
}

/**
 * Sequences longer than their character needs, which careless decoders accept for `/` or `.` (RFC 3629
 * §10). Escapes that were encoded once more count, too.
 */
const OVERLONG =
  /%(?:25)*(?:c[01]%(?:25)*[89ab]|e0%(?:25)*[89]|f0%(?:25)*8|f8%(?:25)*[89ab]|f[9a-d]%(?:25)*[89ab])/i;

/** Whether a path holds overlong UTF-8. */
export function hasOverlong(path: string): boolean {
  return OVERLONG.test(path);
}

const TO_ENCODE = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]+/g;
/** Lone surrogates, each by itself, and what is between them. */
const PARTS = /\p{Cs}|\P{Cs}+/gu;

/** Encodes what a path must not hold as it is; the inverse of decoding once. `*` stays as it is. */
export function encodeText(text: string): string {
  return text.replace(TO_ENCODE, (run) => run.replace(PARTS, encodePart));
}

function encodePart(part: string): string {
  if (part === LITERAL_SLASH) return '%2F';
  if (part === ANY_NAME) return part;
  const code = part.charCodeAt(0);
  if (part.length === 1 && code >= BYTE && code <= BYTE + 0xff) return byteEscape(code - BYTE);
  return encodeURIComponent(part.toWellFormed());
}

function byteEscape(byte: number): string {
  return `%${byte.toString(16).toUpperCase()}`;
}
