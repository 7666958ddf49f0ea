import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeIn } from './record.ts';

describe('a location record', () => {
  it.each([
    [
      'MaxMind GeoLite2 City',
      {
        continent: { code: 'EU', geoname_id: 6255148, names: { en: 'Europe' } },
        country: { iso_code: 'DE', geoname_id: 2921044, names: { en: 'Germany' } },
        location: {
          accuracy_radius: 20,
          latitude: 52.5,
          longitude: 13.4,
          time_zone: 'Europe/Berlin',
        },
        registered_country: { iso_code: 'FR' },
      },
      { country: 'DE', continent: 'EU', latitude: 52.5, longitude: 13.4, radius: 20 },
    ],
    [
      'MaxMind GeoLite2 ASN, DB-IP ASN and iptoasn',
      { autonomous_system_number: 64_500, autonomous_system_organization: 'Example' },
      { asn: 64_500 },
    ],
    ['MaxMind Enterprise', { traits: { autonomous_system_number: 64_500 } }, { asn: 64_500 }],
    [
      'DB-IP City Lite',
      {
        city: { names: { en: 'Berlin' } },
        continent: { code: 'EU' },
        country: { iso_code: 'DE', is_in_european_union: true },
        location: { latitude: 52.5, longitude: 13.4 },
      },
      { country: 'DE', continent: 'EU', latitude: 52.5, longitude: 13.4 },
    ],
    ['iptoasn country', { country_code: 'DE' }, { country: 'DE' }],
    [
      'IPinfo Lite',
      {
        asn: 'AS64500',
        as_name: 'Example',
        country: 'Germany',
        country_code: 'DE',
        continent: 'Europe',
        continent_code: 'EU',
      },
      { country: 'DE', continent: 'EU', asn: 64_500 },
    ],
    [
      'IPinfo Country ASN',
      {
        country: 'DE',
        country_name: 'Germany',
        continent: 'EU',
        continent_name: 'Europe',
        asn: 'AS64500',
      },
      { country: 'DE', continent: 'EU', asn: 64_500 },
    ],
    [
      'IPinfo Location',
      { city: 'Berlin', country: 'DE', lat: '52.52437', lng: '13.41053' },
      { country: 'DE', latitude: 52.52437, longitude: 13.41053 },
    ],
    [
      'coordinates beside the rest',
      { latitude: -36.8, longitude: 174.7 },
      { latitude: -36.8, longitude: 174.7 },
    ],
    ['a code in small letters', { country_code: 'de' }, { country: 'DE' }],
    ['a number as text', { asn: '64500' }, { asn: 64_500 }],
    ['a large number', { asn: 4_294_967_295n }, { asn: 4_294_967_295 }],
    [
      'the poles and the date line',
      { latitude: -90, longitude: 180 },
      { latitude: -90, longitude: 180 },
    ],
    ['the equator', { latitude: 0, longitude: 32.5 }, { latitude: 0, longitude: 32.5 }],
  ])('of %s is understood', (_, record, place) => {
    expect(placeIn(record)).toEqual(place);
  });

  it.each([
    [null],
    ['DE'],
    [[]],
    [{ country: 'Germany' }],
    [{ country: { iso_code: 'DEU' } }],
    [{ country_code: 5 }],
    [{ continent: { code: 'XX' } }],
    [{ asn: 0 }],
    [{ asn: -1 }],
    [{ asn: 1.5 }],
    [{ asn: 4_294_967_296 }],
    [{ asn: 'ASN' }],
    [{ latitude: 52.5 }],
    [{ latitude: 52.5, longitude: 180.1 }],
    [{ latitude: 90.1, longitude: 13.4 }],
    [{ latitude: Number.NaN, longitude: 13.4 }],
    [{ latitude: Number.POSITIVE_INFINITY, longitude: 13.4 }],
    [{ lat: '52,5', lng: '13,4' }],
    [{ lat: '1e1', lng: '1' }],
    [{ lat: '', lng: '' }],
    [{ latitude: 0, longitude: 0 }],
    [{ location: { accuracy_radius: 20 } }],
    [Object.create({ country_code: 'DE' })],
  ])('%j contains nothing', (record) => {
    expect(placeIn(record)).toEqual({});
  });

  it.each([-1, 0, Number.NaN, 99_999, '20'])('with a radius of %s has none', (radius) => {
    const location = { latitude: 1, longitude: 2, accuracy_radius: radius };
    expect(placeIn({ location })).toEqual({ latitude: 1, longitude: 2 });
  });

  it('keeps its country beside a number that is an object without text', () => {
    const asn = { toString: 0, valueOf: 0 };
    expect(placeIn({ country: 'DE', asn })).toEqual({ country: 'DE' });
  });

  it('of any kind gives only locations', () => {
    fc.assert(
      fc.property(fc.object({ withNullPrototype: true }), fc.anything(), (record, value) => {
        for (const key of ['country', 'continent', 'asn', 'location', 'latitude', 'longitude']) {
          const { country, continent, asn, latitude, longitude } = placeIn({
            ...record,
            [key]: value,
          });
          expect(country ?? 'DE').toMatch(/^[A-Z]{2}$/);
          expect(continent ?? 'EU').toMatch(/^(?:AF|AN|AS|EU|NA|OC|SA)$/);
          expect(Number.isSafeInteger(asn ?? 1)).toBe(true);
          expect(Math.abs(latitude ?? 0)).toBeLessThanOrEqual(90);
          expect(Math.abs(longitude ?? 0)).toBeLessThanOrEqual(180);
        }
      }),
    );
  });
});
