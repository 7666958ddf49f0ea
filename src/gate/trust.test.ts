import { describe, expect, it } from 'vitest';
import { testLive, testSnapshot } from '../../test/support/snapshot.ts';
import { canonicalAddress, clientOf, createTrust } from './trust.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::1', '::1'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each([
    '',
    'a',
    'unknown',
    '192.0.2',
    '192.0.2.07',
    '0xC0.0.2.7',
    '192.0.2.7:80',
    '[::1]',
    'fe80::1%eth0',
    ' 192.0.2.7',
    '192.0.2.7\u0000',
    '1'.repeat(300),
  ])('%j is none', (text) => {
    expect(canonicalAddress(text)).toBeNull();
  });
});

describe('the client behind proxies', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7, 10.0.0.1', '192.0.2.7'],
    ['192.0.2.7,10.0.0.1,\t::1', '192.0.2.7'],
    ['10.9.9.9, 192.0.2.7', '192.0.2.7'],
    ['spoofed nonsense, 192.0.2.7, 10.0.0.1', '192.0.2.7'],
    [',192.0.2.7', '192.0.2.7'],
    ['10.0.0.2, 10.0.0.1', '10.0.0.2'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ])('of %j is %s, never the leftmost by itself', (header, client) => {
    expect(clientOf(header, isTrusted)).toBe(client);
  });

  it.each([
    'a',
    '192.0.2.7,',
    ',10.0.0.1',
    'a, 10.0.0.1',
    '192.0.2.7:80',
    'fe80::1%eth0',
    '192.0.2.7;10.0.0.1',
    `192.0.2.7,${' '.repeat(3000)}10.0.0.1`,
  ])('of %j cannot be told', (header) => {
    expect(clientOf(header, isTrusted)).toBeNull();
  });
});

describe('a peer', () => {
  it('is one address whatever the socket calls it', () => {
    const trust = createTrust(testLive());
    expect(trust.peerOf('::ffff:127.0.0.1')).toBe('127.0.0.1');
    expect(trust.peerOf('fe80::1%eth0')).toBe('fe80::1');
    expect(trust.peerOf(undefined)).toBe('unix');
  });

  it('is trusted only as long as the configuration in force says so', () => {
    const live = testLive(testSnapshot({ trusted: ['10.0.0.1'] }));
    const trust = createTrust(live);
    expect([trust.isTrusted('10.0.0.1'), trust.isTrusted('10.0.0.2')]).toEqual([true, false]);
    live.current = testSnapshot({ trusted: ['10.0.0.2'] });
    expect([trust.isTrusted('10.0.0.1'), trust.isTrusted('10.0.0.2')]).toEqual([false, true]);
  });

  it('without an address is nobody to trust, nor is a stranger', () => {
    const trust = createTrust(testLive());
    expect(trust.isTrusted('unix')).toBe(false);
    expect(trust.isTrusted('198.51.100.9')).toBe(false);
  });
});

function isTrusted(address: string): boolean {
  return address.startsWith('10.') || address === '::1';
}
