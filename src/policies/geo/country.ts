/**
 * Checks country codes at load, because a rule with a code that no database uses would never match.
 */

const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Codes of regions that are not countries, and placeholder codes. */
const NO_COUNTRY: ReadonlySet<string> = new Set(['EU', 'EZ', 'UN', 'QO', 'ZZ', 'XA', 'XB']);

/** Whether this is the current code of a country: two capitals (ISO 3166-1). */
export function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || NO_COUNTRY.has(code) || names.of(code) === undefined)
    return false;
  // Former codes and UK are aliases of current codes.
  return new Intl.Locale(`und-${code}`).region === code;
}
