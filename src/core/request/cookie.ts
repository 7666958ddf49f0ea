/**
 * Our cookie inside a Cookie header, found without parsing the rest. Two of our name count as none: a
 * sibling host may have planted either (cookie tossing).
 */
import { isNamed, nameAt, pairCount, valueAt } from './header-pairs.ts';

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

/** Whether the header has several cookies of this name. */
export function hasSeveral(header: string | null, name: string): boolean {
  if (header === null) return false;
  let count = 0;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    if (equalsAfter(header, at, name.length) >= 0 && (count += 1) > 1) return true;
  }
  return false;
}

/** Index of the `=` of a pair of exactly this name, or -1 when the text at `at` is no such pair. */
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

/**
 * A Cookie header without the pairs of these names, otherwise as sent; `''` when nothing is left. A
 * comma separates pairs, too: some proxies join several Cookie fields with one (Envoy), and some apps
 * still read it so (RFC 2965 §3.3.4).
 */
export function stripCookies(header: string, names: readonly string[]): string {
  if (!names.some((name) => header.includes(name))) return header;
  const isKept = (pair: string): boolean => {
    const equals = pair.indexOf('=');
    return !names.includes((equals < 0 ? pair : pair.slice(0, equals)).trim());
  };
  const kept: string[] = [];
  for (const part of header.split(';')) {
    const pairs = part.includes(',') ? part.split(',').filter(isKept) : null;
    if (pairs === null ? isKept(part) : pairs.length > 0) kept.push(pairs?.join(',') ?? part);
  }
  const left = kept.join(';').trim();
  return /^[;\s]*$/.test(left) ? '' : left;
}

/** All Cookie fields of a client as one, without these names; `''` when nothing is left. */
export function cookieForApps(raw: readonly string[], names: readonly string[]): string {
  let kept = '';
  for (let i = 0; i < pairCount(raw); i += 1) {
    if (!isNamed(nameAt(raw, i), 'cookie')) continue;
    const cookie = stripCookies(valueAt(raw, i), names);
    if (cookie !== '') kept = kept === '' ? cookie : `${kept}; ${cookie}`;
  }
  return kept;
}
