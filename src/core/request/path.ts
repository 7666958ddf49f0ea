/**
 * Paths as clients send them, as rules are written, and as strict routes demand them. Which paths a
 * server could make of one that was sent: readings.ts.
 */
import { nfkc } from '../values/normal-form.ts';
import { decodeBytes, encodeText, hasOverlong } from './path-text.ts';
import { type Refusal, refuse } from './refusal.ts';

/** What RFC 3986 and the browsers' URL standard leave unencoded in a path, and a backslash. */
const SENT = /^\/[\x21\x22\x24-\x3e\x40-\x7e]*$/;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

/**
 * Checks a path as sent, which goes on unchanged. Null, or the refusal of what no server may be
 * given: control bytes, broken escapes, and overlong UTF-8 (RFC 3629 §3). Linear time.
 */
export function refusePath(path: string): Refusal | null {
  if (!path.startsWith('/')) return refuse(400, 'path/form', 'the path must start with a slash');
  if (!SENT.test(path)) {
    return refuse(400, 'path/characters', 'the path holds characters that must be encoded');
  }
  if (!path.includes('%')) return null;
  if (BROKEN_ESCAPE.test(path)) {
    return refuse(400, 'path/escape', 'a percent sign must be followed by two hexadecimal digits');
  }
  if (hasOverlong(path)) {
    return refuse(400, 'path/escape', 'the escapes of the path are overlong UTF-8');
  }
  return null;
}

/** Characters that separate or end something in some server. */
const SEPARATORS = /[/\\;%?#\u0000-\u001f\u007f-\u009f]/;
const ESCAPE = /%[0-9A-Fa-f]{2}/;
/** Invisible characters that some programs remove before they compare. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu;

/**
 * The canonical form of a path that all programs read alike, but for case and repeated slashes; for
 * any other path, why it is refused. For routes with `strict_paths`. Linear time.
 */
export function strictPath(sent: string): string | Refusal {
  if (sent.startsWith('//')) {
    return refuse(400, 'path/form', 'the path must start with exactly one slash');
  }
  if (/[;\\]/.test(sent)) {
    return refuse(400, 'path/characters', 'the path holds a semicolon or a backslash');
  }
  const segments: string[] = [];
  const parts = sent.slice(1).split('/');
  for (const [index, part] of parts.entries()) {
    if (part === '' && index < parts.length - 1) continue;
    const segment = strictSegment(part);
    if (typeof segment !== 'string') return segment;
    segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function strictSegment(raw: string): string | Refusal {
  if (/%2f|%5c|%3b/i.test(raw)) {
    return refuse(
      400,
      'path/encoded-separator',
      'an encoded slash, backslash or semicolon is refused',
    );
  }
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    // Named fallback: bytes that are not UTF-8 are refused.
    return refuse(400, 'path/escape', 'the escapes of the path are not valid UTF-8');
  }
  // Checked after decoding, because `%25%32%65` decodes to `%2e`, an escape once more.
  if (ESCAPE.test(decoded)) {
    return refuse(400, 'path/double-encoding', 'the path is encoded twice');
  }
  const folded = compatible(decoded);
  if (folded === '.' || folded === '..') {
    return refuse(400, 'path/dot-segment', 'the path must not hold . or .. segments');
  }
  if (folded === '' && raw !== '') {
    return refuse(400, 'path/disguise', 'a segment of the path shows nothing');
  }
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(decoded) || hasNewSeparator(decoded, folded)) {
    return refuse(400, 'path/disguise', 'the path hides a control or separator character');
  }
  return encodeText(decoded);
}

function hasNewSeparator(decoded: string, folded: string): boolean {
  if (folded === decoded) return false;
  if (ESCAPE.test(folded)) return true;
  const known = new Set(decoded);
  for (const char of folded) {
    if (SEPARATORS.test(char) && !known.has(char)) return true;
  }
  return false;
}

/** The compatibility form of a text, without invisible characters. */
function compatible(text: string): string {
  // Before, because invisible characters prevent composition; after, because normalization can
  // produce new ones.
  return nfkc(text.replace(UNSEEN, '')).replace(UNSEEN, '');
}

/**
 * The canonical form of a pattern in a rule, or why no pattern can be written so. Each segment is
 * decoded once; an encoded slash is a part of its segment (`/@scope%2Fname`). Repeated slashes are one.
 */
export function canonicalPattern(text: string): string | Refusal {
  const refused = refusePath(text);
  if (refused !== null) return refused;
  const segments: string[] = [];
  const parts = text.slice(1).split('/');
  for (const [index, part] of parts.entries()) {
    if (part === '' && index < parts.length - 1) continue;
    const decoded = decodeBytes(part, 'literal');
    if (decoded === '.' || decoded === '..') {
      return refuse(400, 'path/dot-segment', 'the path must not hold . or .. segments');
    }
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f-\u009f]/.test(decoded)) {
      return refuse(400, 'path/characters', 'the path holds control characters');
    }
    segments.push(encodeText(decoded));
  }
  return `/${segments.join('/')}`;
}
