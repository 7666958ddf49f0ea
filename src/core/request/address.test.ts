import { BlockList, isIPv4, isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIn, parseAddress, parseNetwork } from './address.ts';

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4().map((v4) => `::ffff:${v4}`),
  fc.string({ unit: fc.constantFrom(...'0123456789abf:.%'.split('')), maxLength: 20 }),
);

describe('addresses', () => {
  it('are accepted exactly if Node accepts them', () => {
    fc.assert(
      fc.property(address, (text) => {
        expect(parseAddress(text) !== null).toBe(
          isIPv4(text) || (isIPv6(text) && !text.includes('%')),
        );
      }),
    );
  });

  it('are in exactly the networks that Node reports', () => {
    const v4 = fc.ipV4();
    fc.assert(
      fc.property(v4, v4, fc.integer({ min: 0, max: 32 }), (base, text, prefix) => {
        const list = new BlockList();
        list.addSubnet(base, prefix, 'ipv4');
        const zeroed = (parseAddress(base) as Uint8Array).map(
          (byte, i) => byte & (0xff << (8 - Math.min(8, Math.max(0, prefix - i * 8)))),
        );
        const network = parseNetwork(`${zeroed.join('.')}/${prefix}`);
        expect(network).not.toBeNull();
        for (const one of [text, base, `::ffff:${text}`]) {
          const read = parseAddress(one);
          const inside = list.check(one.replace('::ffff:', ''), 'ipv4');
          expect(network !== null && read !== null && isIn(network, read)).toBe(inside);
        }
      }),
    );
  });

  it('of version 6 are in exactly the networks that Node reports', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }), (base, text, prefix) => {
        const [from, read] = [parseAddress(base), parseAddress(text)];
        if (from === null || read === null || from.length === 4 || read.length === 4) return;
        const list = new BlockList();
        list.addSubnet(base, prefix, 'ipv6');
        const groups: string[] = [];
        for (let i = 0; i < 16; i += 2) {
          const mask = (at: number) =>
            (0xff << (8 - Math.min(8, Math.max(0, prefix - at * 8)))) & 0xff;
          groups.push((((from[i]! & mask(i)) << 8) | (from[i + 1]! & mask(i + 1))).toString(16));
        }
        const network = parseNetwork(`${groups.join(':')}/${prefix}`);
        expect(network !== null && isIn(network, read)).toBe(list.check(text, 'ipv6'));
      }),
    );
  });

  it.each([
    '10.1.2.3/8',
    '1.2.3.4/',
    '1.2.3.4/33',
    '1.2.3.4/+8',
    '1.2.3.4/8/8',
    '/8',
    'a/8',
    '::1/129',
  ])('do not make the network %j', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });
});
