/**
 * Reads the place from a record. Publishers use different field names; any value that is not
 * clearly a country, number or coordinate is ignored.
 */
import type { Place } from '../../core/people/place.ts';
import { fieldsOf } from '../../core/values/record.ts';

type Fields = Readonly<Record<string, unknown>>;

const COUNTRY = /^[A-Za-z]{2}$/;
const CONTINENTS: ReadonlySet<string> = new Set(['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA']);
const SYSTEM = /^(?:AS)?([1-9][0-9]{0,9})$/i;
const PRINTABLE: ReadonlySet<string> = new Set(['string', 'number', 'bigint']);
const DEGREES = /^-?[0-9]{1,3}(?:\.[0-9]{1,15})?$/;
const MAX_SYSTEM = 0xffff_ffff;
/** Half the circumference of the earth, in kilometers. */
const MAX_RADIUS = 20_038;

/** Returns the place in a record; it is empty if the record contains none. */
export function placeIn(record: unknown): Place {
  const fields = fieldsOf(record);
  const country = countryIn(fields);
  const continent = continentIn(fields);
  const asn = systemIn(fields);
  return {
    ...(country === null ? {} : { country }),
    ...(continent === null ? {} : { continent }),
    ...(asn === null ? {} : { asn }),
    ...pointIn(fields),
  };
}

/** MaxMind and DB-IP: `country.iso_code`; iptoasn and IPinfo: `country_code`, or `country` with the code in it. */
function countryIn(fields: Fields): string | null {
  const { iso_code: nested } = fieldsOf(own(fields, 'country'));
  const texts = [nested, own(fields, 'country_code'), own(fields, 'country')];
  const code = texts.filter((text) => typeof text === 'string').find((text) => COUNTRY.test(text));
  return code?.toUpperCase() ?? null;
}

/** MaxMind and DB-IP: `continent.code`; IPinfo: `continent_code`, or `continent` with the code in it. */
function continentIn(fields: Fields): string | null {
  const { code: nested } = fieldsOf(own(fields, 'continent'));
  const texts = [nested, own(fields, 'continent_code'), own(fields, 'continent')];
  return (
    texts.filter((text) => typeof text === 'string').find((text) => CONTINENTS.has(text)) ?? null
  );
}

/** MaxMind, DB-IP and iptoasn: `autonomous_system_number`; IPinfo: `asn`, as `AS64500`. */
function systemIn(fields: Fields): number | null {
  const given = [
    own(fields, 'autonomous_system_number'),
    own(fieldsOf(own(fields, 'traits')), 'autonomous_system_number'),
    own(fields, 'asn'),
  ];
  for (const value of given) {
    // Only these types: `String` throws for an object whose `toString` is not a function.
    if (!PRINTABLE.has(typeof value)) continue;
    const digits = SYSTEM.exec(String(value))?.[1];
    const asn = digits === undefined ? 0 : Number(digits);
    if (asn > 0 && asn <= MAX_SYSTEM) return asn;
  }
  return null;
}

/** MaxMind and DB-IP: `location`; others use top-level fields, as numbers or text. */
function pointIn(fields: Fields): Pick<Place, 'latitude' | 'longitude' | 'radius'> {
  const nested = fieldsOf(own(fields, 'location'));
  for (const [from, north, east] of [
    [nested, 'latitude', 'longitude'],
    [fields, 'latitude', 'longitude'],
    [fields, 'lat', 'lng'],
  ] as const) {
    const latitude = degrees(own(from, north), 90);
    const longitude = degrees(own(from, east), 180);
    if (latitude === null || longitude === null) continue;
    // Some databases use 0, 0 (in the sea off Ghana) for "unknown".
    if (latitude === 0 && longitude === 0) continue;
    const radius = own(nested, 'accuracy_radius');
    const isRadius = typeof radius === 'number' && radius > 0 && radius <= MAX_RADIUS;
    return { latitude, longitude, ...(isRadius ? { radius } : {}) };
  }
  return {};
}

function degrees(value: unknown, most: number): number | null {
  const isText = typeof value === 'string' && DEGREES.test(value);
  const number = isText ? Number(value) : value;
  return typeof number === 'number' && Math.abs(number) <= most ? number : null;
}

/** Returns an own field of the record; names come from a file. */
function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
