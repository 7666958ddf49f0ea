import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mmdb, Pointer } from '../../../test/support/mmdb-writer.ts';
import { parseAddress } from '../../core/request/address.ts';
import { openDatabase } from './database.ts';
import { placeIn } from './record.ts';

const find = (bytes: Buffer, ip: string): unknown => {
  const address = parseAddress(ip);
  if (address === null) throw new Error(`${ip} is no address`);
  return openDatabase(bytes).find(address);
};

const WORLD = {
  '192.0.2.0/24': { country_code: 'DE' },
  '192.0.2.128/25': { country_code: 'AT' },
  '203.0.113.7/32': { country_code: 'CH' },
  '2001:db8::/32': { country_code: 'FR' },
  '2001:db8:8000::/33': { country_code: 'BE' },
};

describe('a location database', () => {
  it.each([24, 28, 32] as const)(
    'with records of %i bits knows its networks, and no other',
    (recordSize) => {
      const bytes = mmdb(WORLD, { recordSize });
      const codes = [
        ['192.0.2.0', 'DE'],
        ['192.0.2.127', 'DE'],
        ['192.0.2.128', 'AT'],
        ['192.0.2.255', 'AT'],
        ['203.0.113.7', 'CH'],
        ['::ffff:203.0.113.7', 'CH'],
        ['2001:db8::1', 'FR'],
        ['2001:db8:7fff:ffff::', 'FR'],
        ['2001:db8:8000::', 'BE'],
      ] as const;
      for (const [ip, code] of codes)
        expect([ip, find(bytes, ip)]).toEqual([ip, { country_code: code }]);
      for (const ip of [
        '192.0.1.255',
        '192.0.3.0',
        '203.0.113.6',
        '2001:db7::',
        '2001:db9::',
        'ff02::1',
      ]) {
        expect([ip, find(bytes, ip)]).toEqual([ip, null]);
      }
    },
  );

  it('of IPv4 alone knows no IPv6, whatever its first bits are', () => {
    const bytes = mmdb({ '32.1.13.0/24': { country_code: 'US' } }, { ipVersion: 4 });
    expect(find(bytes, '32.1.13.184')).toEqual({ country_code: 'US' });
    // 2001:db8:: starts with the bits of 32.1.13.184.
    expect(find(bytes, '2001:db8::1')).toBeNull();
  });

  it('agrees with a plain search through its networks', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const network = fc.tuple(byte, byte).map(([a, b]) => `${a}.${b}.0.0/16`);
    fc.assert(
      fc.property(
        fc.uniqueArray(network, { minLength: 1, maxLength: 20 }),
        byte,
        byte,
        (list, a, b) => {
          const records = Object.fromEntries(list.map((one) => [one, { country_code: one }]));
          const expected = list.includes(`${a}.${b}.0.0/16`)
            ? { country_code: `${a}.${b}.0.0/16` }
            : null;
          expect(find(mmdb(records), `${a}.${b}.9.9`)).toEqual(expected);
          for (const one of list) {
            expect(find(mmdb(records), one.replace('.0.0/16', '.1.2'))).toEqual({
              country_code: one,
            });
          }
        },
      ),
    );
  });

  it('does not loop', () => {
    const circle = mmdb({ '192.0.2.0/24': { self: new Pointer(0) } });
    expect(() => find(circle, '192.0.2.1')).toThrow('in circles');
    // Each level contains the previous one ten times: reading all of it would never finish.
    const bomb = Object.fromEntries(
      Array.from({ length: 12 }, (_, level) => [
        `10.${level}.0.0/16`,
        level === 0
          ? { x: 1 }
          : Object.fromEntries(
              Array.from({ length: 10 }, (_n, i) => [`k${i}`, new Pointer(offset(level - 1))]),
            ),
      ]),
    );
    expect(() => find(mmdb(bomb), '10.11.0.1')).toThrow('in circles');
    expect(find(mmdb(bomb), '10.0.0.1')).toEqual({ x: 1 });
  });

  const good = mmdb(WORLD);
  it.each([
    ['nothing', Buffer.alloc(0), 'no MaxMind DB file'],
    ['a text', Buffer.from('<html>404 not found</html>'), 'no MaxMind DB file'],
    ['a truncated file', good.subarray(0, good.length / 2), 'no MaxMind DB file'],
    ['one that is cut at its very end', good.subarray(0, good.length - 3), ''],
    ['one without its metadata', good.subarray(0, good.lastIndexOf('MaxMind.com') + 11), ''],
    [
      'one with its metadata far from the end',
      Buffer.concat([good, Buffer.alloc(200_000)]),
      'no MaxMind',
    ],
    ['metadata alone', good.subarray(good.lastIndexOf('MaxMind.com') - 3), 'search tree is broken'],
    ['another format', mmdb(WORLD, { metadata: { binary_format_major_version: 3 } }), '3.x'],
    ['another size of records', mmdb(WORLD, { metadata: { record_size: 20 } }), 'record size'],
    [
      'another kind of addresses',
      mmdb(WORLD, { metadata: { ip_version: 5 } }),
      'search tree is broken',
    ],
    ['a tree of no nodes', mmdb(WORLD, { metadata: { node_count: 0 } }), 'search tree is broken'],
    ['a tree larger than the file', mmdb(WORLD, { metadata: { node_count: 4_000_000_000 } }), ''],
    ['an invalid count', mmdb(WORLD, { metadata: { node_count: 'many' } }), ''],
  ])('that is %s is refused', (_, bytes, words) => {
    expect(() => openDatabase(bytes)).toThrow(words === '' ? Error : words);
  });

  it('that is damaged returns no wrong location, and blocks nothing', () => {
    const [at, byte] = [fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })];
    fc.assert(
      fc.property(at, byte, (where, changed) => {
        const bytes = Buffer.from(good);
        bytes[where] = changed;
        const outcome = countryOrFault(bytes);
        expect(outcome).toMatch(/^(?:none|fault|[A-Z]{2})$/);
      }),
    );
  });
});

/** Returns a country, `none`, or `fault` for an Error; rethrows anything else. */
function countryOrFault(bytes: Buffer): string {
  try {
    return placeIn(find(bytes, '192.0.2.1')).country ?? 'none';
  } catch (caught) {
    if (caught instanceof Error) return 'fault';
    throw caught;
  }
}

/**
 * Offset of a level's record: the first has 4 bytes and a number, the others are maps of ten
 * pointers.
 */
function offset(level: number): number {
  const first = 1 + 2 + 5;
  const other = 1 + 10 * (3 + 5);
  return level === 0 ? 0 : first + (level - 1) * other;
}
