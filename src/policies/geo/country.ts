/** Which codes are countries: one that no database ever says is a fault, and not a rule that never holds. */

const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Codes of regions that are no countries, and of nothing at all. */
const NO_COUNTRY: ReadonlySet<string> = new Set(['EU', 'EZ', 'UN', 'QO', 'ZZ', 'XA', 'XB']);

/** Whether it is the code that a country has today: two capitals. */
export function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || NO_COUNTRY.has(code) || names.of(code) === undefined)
    return false;
  // Codes of old, and UK, are other words for those of today.
  return new Intl.Locale(`und-${code}`).region === code;
}
