/**
 * The readings of a path: every path that some server could make of the one that was sent. A request
 * must satisfy the rules of all of them, so it can go on exactly as it was sent.
 *
 * Servers differ in what they do, how often, and in which order, so each step below is applied to
 * everything that the others produced, until nothing new comes of it. What programs do to paths:
 * RFC 3986 §5.2.4 and §6, CVE-2021-41773, CVE-2025-32431, CVE-2026-27587.
 */
import { nfkc } from '../values/normal-form.ts';
import {
  ANY_NAME,
  asLatin1,
  decodeBytes,
  encodeText,
  hasOverlong,
  LITERAL_SLASH,
} from './path-text.ts';

/** Most readings of one path. */
export const MAX_READINGS = 64;
/** Longest path with more than one reading, in characters. */
export const MAX_READ = 2048;
/** Most text on the way to the readings, in characters: bounds the time for any path. */
const MAX_WORK = 8 * MAX_READ;

/** A path that all servers read alike, but for the case of its letters. */
const PLAIN =
  /^\/(?:\.?[A-Za-z0-9\-_!&')*,=:@][A-Za-z0-9\-_!&'()*,=:@]*(?:\.+[A-Za-z0-9\-_!&'()*,=:@]+)*(?:\/|$))*$/;

/** Whether a path has no reading but itself, except for the case of its letters. */
export function isPlain(path: string): boolean {
  return PLAIN.test(path);
}

/** Only the paths of a route with front controllers have these further readings. */
const NO_CONTROLLERS: readonly string[] = [];

/**
 * The readings, canonically encoded, the one that decodes once first; case is kept. Null if there are
 * more than MAX_READINGS, or the path is too long to find them. `ANY_NAME` in place of a segment
 * stands for every name. `path` has passed `refusePath`.
 */
export function readingsOf(
  path: string,
  frontControllers: readonly string[] = NO_CONTROLLERS,
): readonly string[] | null {
  const plain = isPlain(path);
  if (plain && frontControllers.length === 0) return [path];
  if (path.length > MAX_READ && !plain) return null;
  if (hasOverlong(path)) return null;
  return closure(path, frontControllers);
}

/** A path while it is read. `depth`: how often it was decoded, at most twice. */
interface State {
  readonly depth: number;
  readonly text: string;
}

function closure(path: string, frontControllers: readonly string[]): readonly string[] | null {
  const known = new Set<string>();
  const queue: State[] = [];
  const readings = new Set<string>();
  let work = 0;
  const add = (depth: number, text: string): void => {
    // Without an escape, decoding again changes nothing.
    const at = text.includes('%') ? depth : 2;
    const key = `${at}${text}`;
    if (known.has(key)) return;
    known.add(key);
    queue.push({ depth: at, text });
    work += text.length;
    if (at > 0) readings.add(encodeText(text));
  };
  add(0, path);
  // Grows while it is walked.
  for (const { depth, text } of queue) {
    if (depth < 2) {
      add(depth + 1, decodeBytes(text, 'separates'));
      add(depth + 1, decodeBytes(text, 'literal'));
    }
    for (const { concerns, apply } of STEPS) {
      if (concerns.test(text)) add(depth, apply(text));
    }
    for (const controller of frontControllers) add(depth, withoutController(text, controller));
    if (work > MAX_WORK || readings.size > MAX_READINGS) return null;
  }
  return [...readings];
}

/** What a server may do to a path, and the texts to which it makes a difference. */
interface Step {
  readonly concerns: RegExp;
  readonly apply: (text: string) => string;
}

const MANY_NAMED = /~[0-9]|[<>"]/;
const SLASH_LIKE = /[\u2044\u2215\u2216\u00a5\u20a9]/;
const SLASHES_LIKE = new RegExp(SLASH_LIKE, 'g');
const UTF16_ESCAPE = /%u([0-9A-Fa-f]{4})/g;
const COOKIELESS = /\/\((?:[A-Za-z]\([^()/]*\))+\)/g;

const STEPS: readonly Step[] = [
  { concerns: /\\/, apply: (text) => text.replaceAll('\\', '/') },
  // Matrix parameters (RFC 3986 §3.3): to the next slash, or all that follows.
  { concerns: /;/, apply: (text) => text.replace(/;[^/]*/g, '') },
  { concerns: /;/, apply: (text) => cutAt(text, ';') },
  { concerns: /\/\.\.?(?:\/|$)/, apply: withoutDots },
  { concerns: /\/\//, apply: (text) => text.replace(/\/{2,}/g, '/') },
  // A network-path reference (RFC 3986 §4.2): what follows the slashes, any number of them in the
  // browsers' URL standard, is a host.
  { concerns: /^\/\/+[^/]/, apply: (text) => rooted(text.replace(/^\/\/+[^/]+/, '')) },
  { concerns: /\?/, apply: (text) => cutAt(text, '?') },
  { concerns: /#/, apply: (text) => cutAt(text, '#') },
  // eslint-disable-next-line no-control-regex
  { concerns: /\0/, apply: (text) => cutAt(text, '\0') },
  { concerns: /[^\0-\u007f]/, apply: nfkc },
  { concerns: /[^\u0020-\u007e]/, apply: (text) => text.replace(UNSEEN, '') },
  { concerns: /[\udc80-\udcff]/, apply: asLatin1 },
  { concerns: /[.\s]\/|[.\s]$/, apply: (text) => eachSegment(text, withoutTail) },
  // Spring trims segments (CVE-2016-5007), as Java does: with control characters.
  { concerns: /[\s\0-\u001f]/, apply: (text) => eachSegment(text, stripped) },
  { concerns: /\.\/|\.$/, apply: (text) => eachSegment(text, (segment) => trimmed(segment, /\./)) },
  // Streams of NTFS: `/admin::$INDEX_ALLOCATION` is `/admin`.
  { concerns: /:\$/, apply: (text) => eachSegment(text, withoutStream) },
  // Short names of NTFS, and wildcards of its search: `/ADMINI~1` and `/adm<<` may be any name.
  {
    concerns: MANY_NAMED,
    apply: (text) => eachSegment(text, (s) => (MANY_NAMED.test(s) ? ANY_NAME : s)),
  },
  // What Windows makes of characters that a code page lacks, beyond their compatibility forms.
  { concerns: SLASH_LIKE, apply: (text) => text.replace(SLASHES_LIKE, '/') },
  // Forms write blanks so, and some programs decode paths like forms.
  { concerns: /\+/, apply: (text) => text.replaceAll('+', ' ') },
  // Decoders of ASP.NET and `unescape` know these, too.
  { concerns: /%u[0-9A-Fa-f]{4}/, apply: (text) => text.replace(UTF16_ESCAPE, fromUtf16) },
  // ASP.NET takes sessions out of paths (CVE-2023-36899): `/(S(x))/admin`.
  { concerns: /\/\([A-Za-z]\(/, apply: (text) => rooted(text.replace(COOKIELESS, '')) },
  // A slash that was part of a name separates after all once the parts are joined to a file name.
  { concerns: /\ud800/, apply: (text) => text.replaceAll(LITERAL_SLASH, '/') },
];

/**
 * Characters that some programs remove before they compare: zero-width characters, soft hyphens,
 * variation selectors, tags, direction marks, U+180E; control characters (URL parsers drop tabs and
 * line ends); and bytes that are not UTF-8.
 */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\udc80-\udcff]+/gu;

function cutAt(text: string, char: string): string {
  return rooted(text.slice(0, text.indexOf(char)));
}

function rooted(text: string): string {
  return text.startsWith('/') ? text : `/${text}`;
}

/** RFC 3986 §5.2.4. */
function withoutDots(text: string): string {
  const kept: string[] = [];
  const segments = text.split('/');
  segments.shift();
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
    if (isLast && (segment === '.' || segment === '..')) kept.push('');
  }
  return `/${kept.join('/')}`;
}

function eachSegment(text: string, change: (segment: string) => string): string {
  return text.split('/').map(change).join('/');
}

const TAIL = /[.\s]/;

/** Without trailing dots and blanks, as Windows opens files. Dot segments stay dot segments. */
function withoutTail(segment: string): string {
  const unspaced = trimmed(segment, /\s/);
  if (unspaced === '.' || unspaced === '..') return unspaced;
  return trimmed(segment, TAIL);
}

/** Without blanks and control characters at both ends. */
function stripped(segment: string): string {
  return trimmed(segment.replace(/^[\s\0-\u001f]+/, ''), /[\s\0-\u001f]/);
}

/** Lone surrogates have meanings of our own here. */
function fromUtf16(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16)).toWellFormed();
}

/** Scans from the end to stay linear. */
function trimmed(segment: string, what: RegExp): string {
  let end = segment.length;
  while (end > 0 && what.test(segment.charAt(end - 1))) end -= 1;
  return segment.slice(0, end);
}

function withoutStream(segment: string): string {
  return segment.includes(':$') ? segment.slice(0, segment.indexOf(':')) : segment;
}

/** `/index.php/admin` is `/admin` to an app behind a front controller. */
function withoutController(text: string, controller: string): string {
  const end = text.indexOf('/', 1);
  const first = end < 0 ? text.slice(1) : text.slice(1, end);
  if (foldCase(first) !== foldCase(controller)) return text;
  return end < 0 ? '/' : text.slice(end);
}

/**
 * The text without the differences of case that any program ignores (`İ` and `ı` are `i`, `ß` is
 * `ss`), and without accents, which databases and WordPress ignore. Linear time.
 */
function foldCase(text: string): string {
  const bare = text.replace(ACCENTS, '').normalize('NFD').replace(ACCENTS, '').normalize('NFC');
  return bare.toUpperCase().toLowerCase();
}

const ACCENTS = /[\u0300-\u036f]+/g;

/** The same for canonically encoded text. */
export function foldReading(reading: string): string {
  if (!reading.includes('%')) return reading.toLowerCase();
  return encodeText(foldCase(decodeBytes(reading, 'literal')));
}

/** Encoded text in lower case, as simpler programs compare. */
export function lowerReading(reading: string): string {
  if (!reading.includes('%')) return reading.toLowerCase();
  return encodeText(decodeBytes(reading, 'literal').toLowerCase());
}
