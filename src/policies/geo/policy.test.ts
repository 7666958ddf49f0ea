import { describe, expect, it } from 'vitest';
import { anInput } from '../../../test/support/policy-input.ts';
import type { Json } from '../../core/values/json.ts';
import { geo } from './policy.ts';

const BERLIN = { country: 'DE', continent: 'EU', asn: 64_500, latitude: 52.5, longitude: 13.4 };

const evaluate = (options: object, place: Json = BERLIN) =>
  geo.compile(geo.config.parse(options))(anInput({ signals: { geo: place } }));

const countries = (...codes: string[]) => ({ countries: codes });

describe('geo', () => {
  it.each([
    [{ any: countries('AT', 'DE') }, BERLIN, 'listed'],
    [{ any: countries('AT', 'FR') }, BERLIN, 'not-listed'],
    [{ any: { continents: ['EU'] } }, BERLIN, 'listed'],
    [{ any: { continents: ['AF', 'NA'] } }, BERLIN, 'not-listed'],
    [{ any: { asns: [64_500] } }, BERLIN, 'listed'],
    [{ any: { asns: [64_501] } }, BERLIN, 'not-listed'],
    [{ any: { countries: ['FR'], asns: [64_500] } }, BERLIN, 'listed'],
    [{ any: { countries: ['FR'], continents: ['AS'], asns: [1] } }, BERLIN, 'not-listed'],
    [{ none: countries('FR') }, BERLIN, 'not-excluded'],
    [{ none: countries('DE') }, BERLIN, 'excluded'],
    [{ none: { countries: ['FR'], asns: [64_500] } }, BERLIN, 'excluded'],
    [{ any: { continents: ['EU'] }, none: countries('DE') }, BERLIN, 'excluded'],
    [{ any: { continents: ['EU'] }, none: countries('FR') }, BERLIN, 'listed'],
    // The same letters mean Namibia or North America, Afghanistan or Africa.
    [{ any: countries('NA') }, { country: 'US', continent: 'NA' }, 'not-listed'],
    [{ any: { continents: ['AF'] } }, { country: 'AF', continent: 'AS' }, 'not-listed'],
    // Known properties suffice if they decide the result.
    [{ any: { countries: ['DE'], asns: [1] } }, { country: 'DE' }, 'listed'],
    [{ none: { countries: ['DE'], asns: [1] } }, { country: 'DE' }, 'excluded'],
  ])('%j of %j: %s', (options, place, code) => {
    const verdict = evaluate(options, place);
    expect(verdict.reason.code).toBe(`geo/${code}`);
    expect(verdict.pass).toBe(code === 'listed' || code === 'not-excluded');
  });

  it.each([
    [{ any: countries('DE') }, { asn: 64_500 }, 'country'],
    [{ none: countries('FR') }, { asn: 64_500 }, 'country'],
    [{ any: { asns: [1] } }, { country: 'DE' }, 'asn'],
    [{ any: { countries: ['FR'], asns: [1] } }, { country: 'DE' }, 'asn'],
    [{ none: { countries: ['FR'], continents: ['AS'] } }, { country: 'DE' }, 'continent'],
    [{ any: { continents: ['EU'] }, none: { asns: [1] } }, { continent: 'EU' }, 'asn'],
    [{ any: countries('DE') }, {}, 'country'],
    [{ none: countries('DE') }, [], 'country'],
    [{ none: countries('DE') }, null, 'country'],
    [{ none: countries('DE') }, 'DE', 'country'],
  ])('cannot evaluate %j of %j without the %s', (options, place, part) => {
    expect(() => evaluate(options, place)).toThrow(`the ${part} of the address is not known`);
  });

  it('names the actual and the required location', () => {
    expect(evaluate({ any: { asns: [64_500] } }).reason.detail).toBe('in AS64500');
    expect(evaluate({ any: { countries: ['FR'], asns: [1] } }).reason.detail).toBe(
      'needs FR, AS1; is in DE, AS64500',
    );
    expect(evaluate({ none: countries('DE') }).reason.detail).toBe('is in DE');
  });

  it('needs the signal of its name', () => {
    expect(geo.needs?.(geo.config.parse({ any: countries('DE') }))).toEqual(['geo']);
  });

  it.each([
    [{}, 'expected any or none'],
    [{ any: {} }, 'expected countries, continents or asns'],
    [{ any: countries() }, 'Too small'],
    [{ any: countries('de') }, 'code of a country'],
    [{ any: countries('Germany') }, 'code of a country'],
    [{ any: countries('UK') }, 'code of a country'],
    [{ any: countries('EU') }, 'code of a country'],
    [{ any: countries('DD') }, 'code of a country'],
    [{ any: countries('XX') }, 'code of a country'],
    [{ any: { continents: ['Europe'] } }, 'Invalid option'],
    [{ any: { asns: ['AS64500'] } }, 'expected number'],
    [{ any: { asns: [0] } }, 'Too small'],
    [{ any: { asns: [4_294_967_296] } }, 'Too big'],
    [{ any: ['DE'] }, 'expected object'],
  ])('refuses %j', (options, words) => {
    const parsed = geo.config.safeParse(options);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain(words);
  });

  it.each(['DE', 'GB', 'XK', 'TW', 'AQ', 'SS', 'CW'])('accepts %s', (code) => {
    expect(geo.config.safeParse({ any: countries(code) }).success).toBe(true);
  });
});
