/**
 * The name by which users know their browser. For display only: clients can send any User-Agent, so
 * no decision may depend on it.
 */

/** Ordered, because later browsers also appear in the User-Agent of earlier ones. */
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

/** Longest part of a User-Agent that is examined, in characters. */
const MAX_AGENT = 512;

/** `Firefox (Windows)`, or `''` for an unknown browser. Linear time. */
export function browserName(userAgent: string): string {
  const agent = userAgent.slice(0, MAX_AGENT);
  const nameIn = (list: typeof BROWSERS): string =>
    list.find(([sign]) => agent.includes(sign))?.[1] ?? '';
  const browser = nameIn(BROWSERS);
  if (browser === '') return '';
  const system = nameIn(SYSTEMS);
  return system === '' ? browser : `${browser} (${system})`;
}
