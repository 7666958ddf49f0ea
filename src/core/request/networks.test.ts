import { describe, expect, it } from 'vitest';
import { networksOf } from './networks.ts';

const keys = (ip: string) => networksOf(ip).map(({ width, key }) => `${width} ${key}`);

describe('the networks of an address', () => {
  it('are a /64, a /56, a /48 and a /32 of IPv6', () => {
    expect(keys('2001:db8:1:2ff::9')).toEqual([
      'address 20010db8000102ff/64',
      'site 20010db8000102/56',
      'block 20010db80001/48',
      'provider 20010db8/32',
    ]);
  });

  it('are the address, a /24 and a /16 of IPv4, also when it is written as IPv6', () => {
    const expected = ['address cb007109/32', 'block cb0071/24', 'provider cb00/16'];
    expect(keys('203.0.113.9')).toEqual(expected);
    expect(keys('::ffff:203.0.113.9')).toEqual(expected);
  });

  it('are the text itself if it is not an address', () => {
    for (const odd of ['', 'unix:', 'fe80::1%eth0', '1.2.3']) expect(keys(odd)).toHaveLength(1);
  });
});
