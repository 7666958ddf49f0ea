import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Places } from './place.ts';
import { boundTo, isElsewhere, networkOf } from './place.ts';

/** The country depends on the first octet. All other addresses are unknown. */
const COUNTRIES: Readonly<Record<string, string>> = { '192': 'NL', '198': 'NL', '203': 'JP' };
const places: Places = { countryOf: (ip) => COUNTRIES[ip.split('.', 1)[0] ?? ''] ?? null };

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.0/24'],
    ['192.0.2.255', '192.0.2.0/24'],
    ['192.0.3.7', '192.0.3.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:0:1ff::1', '20010db8000001/56'],
    ['2001:db8:0:100:ffff::', '20010db8000001/56'],
    ['2001:db8:0:200::1', '20010db8000002/56'],
    ['::1', '00000000000000/56'],
    ['unix', 'unix'],
    ['', ''],
  ])('of %s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it('is the same for all that differ in the last byte alone, and for no others', () => {
    const ipv4 = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255)));
    fc.assert(
      fc.property(ipv4, ipv4, (one, other) => {
        const isSame = one.slice(0, 3).join('.') === other.slice(0, 3).join('.');
        expect(networkOf(one.join('.')) === networkOf(other.join('.'))).toBe(isSame);
      }),
    );
  });
});

describe('what a session is bound to', () => {
  it.each([
    [[], '192.0.2.7', {}],
    [['network'], '192.0.2.7', { network: '192.0.2.0/24' }],
    [['geo'], '192.0.2.7', { country: 'NL' }],
    [['geo', 'network'], '192.0.2.7', { network: '192.0.2.0/24', country: 'NL' }],
    // If the country is unknown, the session is bound to the network instead.
    [['geo'], '10.1.2.3', { network: '10.1.2.0/24' }],
    [['geo', 'network'], '10.1.2.3', { network: '10.1.2.0/24' }],
  ] as const)('%j at %s: %j', (bonds, ip, bound) => {
    expect(boundTo(bonds, ip, places)).toEqual(bound);
  });

  it('is the network without a database', () => {
    expect(boundTo(['geo'], '192.0.2.7', undefined)).toEqual({ network: '192.0.2.0/24' });
  });
});

describe('a bound session', () => {
  it.each([
    ['its network', { network: '192.0.2.0/24' }, '192.0.2.99', false],
    ['another network', { network: '192.0.2.0/24' }, '192.0.3.7', true],
    ['the other family', { network: '192.0.2.0/24' }, '2001:db8::1', true],
    ['its country', { country: 'NL' }, '198.51.100.1', false],
    ['another country', { country: 'NL' }, '203.0.113.1', true],
    ['an unknown place', { country: 'NL' }, '10.0.0.1', true],
    ['both right', { network: '192.0.2.0/24', country: 'NL' }, '192.0.2.8', false],
    ['the network right alone', { network: '10.0.0.0/24', country: 'NL' }, '10.0.0.1', true],
    ['the country right alone', { network: '192.0.2.0/24', country: 'NL' }, '198.51.100.1', true],
    ['bound to nothing, which is a fault', {}, '192.0.2.7', true],
  ])('at %s', (_, bound, ip, expected) => {
    expect(isElsewhere(bound, ip, places)).toBe(expected);
  });

  it('does not match once the database is gone', () => {
    expect(isElsewhere({ country: 'NL' }, '192.0.2.7', undefined)).toBe(true);
  });

  it('may be used where it began', () => {
    const bonds = fc.subarray(['network', 'geo'] as const, { minLength: 1 });
    fc.assert(
      fc.property(bonds, fc.oneof(fc.ipV4(), fc.ipV6()), (given, ip) => {
        expect(isElsewhere(boundTo(given, ip, places), ip, places)).toBe(false);
      }),
    );
  });
});
