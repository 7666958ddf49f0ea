/**
 * Canonical paths. Anything that two parsers could read differently is refused: encoded separators,
 * double encoding, dot segments, control bytes, overlong or broken escapes, and compatibility forms
 * of these. Repeated slashes become one. The canonical path is the one that rules match, logs
 * contain and upstreams receive.
 */
import { nfkc } from '../values/normal-form.ts';
import { type Refusal, refuse } from './refusal.ts';

const PLAIN = /^\/(?:[A-Za-z0-9\-_~!$&'()*+,=:@][A-Za-z0-9\-._~!$&'()*+,=:@]*(?:\/|$))*$/;
const ALLOWED = /^[A-Za-z0-9\-._~!$&'()*+,=:@/%"<>[\]^`{|}]*$/;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
const ESCAPE = /%[0-9A-Fa-f]{2}/;
/**
 * Invisible characters that some programs remove before comparing: zero-width characters, soft
 * hyphens, variation selectors, tags, direction marks, U+180E.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]+/gu;
const SEPARATORS = /[/\\;%?#\u0000-\u001f\u007f-\u009f]/;

/** Returns the canonical path, or why it is refused. Linear time. */
export function canonicalPath(raw: string): string | Refusal {
  if (PLAIN.test(raw)) return raw;
  if (raw === '') return '/';
  if (!raw.startsWith('/') || raw.startsWith('//')) {
    return refuse(400, 'path/form', 'the path must start with exactly one slash');
  }
  if (!ALLOWED.test(raw)) {
    return refuse(
      400,
      'path/characters',
      'the path holds ; \\ # or characters that must be encoded',
    );
  }
  const segments: string[] = [];
  const parts = raw.slice(1).split('/');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '' && !isLast) continue;
    const segment = canonicalSegment(part);
    if (typeof segment !== 'string') return segment;
    segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function canonicalSegment(raw: string): string | Refusal {
  if (raw === '.' || raw === '..') return dotSegment();
  if (!raw.includes('%')) return encodeLoose(raw);
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) {
    return refuse(400, 'path/escape', 'a percent sign must be followed by two hexadecimal digits');
  }
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    // Named fallback: bytes that are not UTF-8 are refused, including overlong forms (RFC 3629 §3).
    return refuse(400, 'path/escape', 'the escapes of the path are not valid UTF-8');
  }
  if (/%2f|%5c|%3b/i.test(raw)) {
    return refuse(
      400,
      'path/encoded-separator',
      'an encoded slash, backslash or semicolon is refused',
    );
  }
  // Checked after decoding, because `%25%32%65` decodes to `%2e`, an escape once more.
  if (ESCAPE.test(decoded)) {
    return refuse(400, 'path/double-encoding', 'the path is encoded twice');
  }
  const folded = compatible(decoded);
  if (folded === '.' || folded === '..') return dotSegment();
  // Programs that remove invisible characters see no such segment, which shifts the rest of the
  // path.
  if (folded === '') {
    return refuse(400, 'path/disguise', 'a segment of the path shows nothing');
  }
  // A compatibility form of a separator, or a control byte in any encoding.
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f-\u009f]/.test(decoded) || hasNewSeparator(decoded, folded)) {
    return refuse(400, 'path/disguise', 'the path hides a control or separator character');
  }
  return encodeLoose(
    raw.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
      const char = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
      return UNRESERVED.test(char) ? char : escape.toUpperCase();
    }),
  );
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

function dotSegment(): Refusal {
  return refuse(400, 'path/dot-segment', 'the path must not hold . or .. segments');
}

/** Encodes characters that browsers send unencoded, contrary to RFC 3986. */
function encodeLoose(segment: string): string {
  return segment.replace(
    /["<>[\]^`{|}]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const FOLDS = /[A-Z%]|\.(?:\/|$)/;

/**
 * A canonical path as a careless upstream may read it: lower case, compatibility forms folded,
 * invisible characters removed, trailing dots and blanks of segments dropped. Rules are looked up
 * for this reading as well (CVE-2026-27587, caddy#7858). Returns the argument itself if nothing
 * differs. Linear time.
 */
export function foldPath(path: string): string {
  if (!FOLDS.test(path)) return path;
  return path
    .split('/')
    .map((segment) => {
      // Programs disagree about the lower case of İ: `i` in Go and Java, `i̇` in others.
      const text = compatible(decodeURIComponent(segment)).replaceAll('\u0130', 'I');
      const folded = text.toUpperCase().toLowerCase();
      return encodeSegment(withoutTail(folded));
    })
    .join('/');
}

const TAIL = /[.\s]/;

/**
 * Removes trailing dots and blanks, unless the segment consists of nothing else. Scans from the end
 * to stay linear.
 */
function withoutTail(segment: string): string {
  let end = segment.length;
  while (TAIL.test(segment.charAt(end - 1))) end -= 1;
  return end === 0 ? segment : segment.slice(0, end);
}

function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /%(21|24|26|27|28|29|2A|2B|2C|3D|3A|40)/g,
    decodeURIComponent,
  );
}
