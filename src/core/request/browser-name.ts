/**
 * A browser by the name its users know it by. For reading alone: a User-Agent is whatever the client
 * says, so nothing is ever decided by it.
 */

/** In this order: later ones claim to be earlier ones. */
const BROWSERS: readonly (readonly [sign: string, name: string])[] = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
];

const SYSTEMS: readonly (readonly [sign: string, name: string])[] = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Macintosh', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
];

/** Longest User-Agent that is looked at, in characters. */
const MAX_AGENT = 512;

/** `Firefox (Windows)`, or `''` for a client that names no browser known here. Linear in its length. */
export function browserName(userAgent: string): string {
  const agent = userAgent.slice(0, MAX_AGENT);
  const nameIn = (list: typeof BROWSERS): string =>
    list.find(([sign]) => agent.includes(sign))?.[1] ?? '';
  const browser = nameIn(BROWSERS);
  if (browser === '') return '';
  const system = nameIn(SYSTEMS);
  return system === '' ? browser : `${browser} (${system})`;
}
