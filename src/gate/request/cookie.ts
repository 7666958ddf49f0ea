/**
 * Our cookie inside a Cookie header, found without parsing the rest. Two of our name are
 * none: who sent which is unknowable (cookie tossing from a sibling host).
 */

const SPACE = 0x20;
const TAB = 0x09;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/** The value of the one cookie of this name, or null for none, two, or an empty one. */
export function findCookie(header: string | null, name: string): string | null {
  if (header === null) return null;
  let found: string | null = null;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    const equals = equalsAfter(header, at, name.length);
    if (equals < 0) continue;
    if (found !== null) return null;
    const end = header.indexOf(';', equals);
    found = header.slice(equals + 1, end < 0 ? header.length : end).trim();
  }
  return found === '' ? null : found;
}

/** Whether several cookies of this name came along. */
export function hasSeveral(header: string | null, name: string): boolean {
  if (header === null) return false;
  let count = 0;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    if (equalsAfter(header, at, name.length) >= 0 && (count += 1) > 1) return true;
  }
  return false;
}

/** Where the `=` of a pair of exactly this name stands, or -1 when the text at `at` is no such pair. */
function equalsAfter(header: string, at: number, length: number): number {
  let before = at - 1;
  while (before >= 0 && isBlank(header.charCodeAt(before))) before -= 1;
  if (before >= 0 && header.charCodeAt(before) !== SEMICOLON) return -1;
  let after = at + length;
  while (isBlank(header.charCodeAt(after))) after += 1;
  return header.charCodeAt(after) === EQUALS ? after : -1;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** A Cookie header for an upstream: every pair of these names removed, the rest as it was; `''` when nothing is left. */
export function stripCookies(header: string, names: readonly string[]): string {
  if (!names.some((name) => header.includes(name))) return header;
  const left = header
    .split(';')
    .filter((pair) => {
      const equals = pair.indexOf('=');
      return !names.includes((equals < 0 ? pair : pair.slice(0, equals)).trim());
    })
    .join(';')
    .trim();
  return /^[;\s]*$/.test(left) ? '' : left;
}

/** One Cookie field for an app out of all that a client sent, without these names; `''` when nothing is left. */
export function cookieForApps(raw: readonly string[], names: readonly string[]): string {
  let kept = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length !== 6 || name.toLowerCase() !== 'cookie') continue;
    const cookie = stripCookies(raw[i + 1] as string, names);
    if (cookie !== '') kept = kept === '' ? cookie : `${kept}; ${cookie}`;
  }
  return kept;
}
