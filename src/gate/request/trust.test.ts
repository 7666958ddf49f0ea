import { describe, expect, it } from 'vitest';
import { testLive, testSnapshot } from '../../../test/support/snapshot.ts';
import { canonicalAddress, peerOf, type PeerRule, recordPeer } from './peer.ts';
import { clientOf, createTrust, hopAddress } from './trust.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::1', '::1'],
  ])('%s is normalized to %s', (text, canonical) => {
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
  ])('%j is invalid', (text) => {
    expect(canonicalAddress(text)).toBeNull();
  });
});

describe('a hop of X-Forwarded-For', () => {
  it.each([
    ['XFF-port: 203.0.113.5:4711', '203.0.113.5'],
    ['XFF-port: [2001:db8::1]:99', '2001:db8::1'],
    ['XFF-port: [2001:db8::1]', '2001:db8::1'],
    ['XFF-port: [::ffff:192.0.2.7]:1', '192.0.2.7'],
    ['XFF-port:  192.0.2.7:0 ', '192.0.2.7'],
  ])('%s is read as %s, without its port', (told, address) => {
    expect(hopAddress(told.slice('XFF-port: '.length))).toBe(address);
  });

  it.each([
    '192.0.2.7:',
    '192.0.2.7:65536',
    '192.0.2.7:123456',
    '192.0.2.7:+1',
    '192.0.2.7:1:2',
    '[192.0.2.7]:80',
    '[192.0.2.7]',
    '[2001:db8::1]:',
    '[2001:db8::1]x',
    '[2001:db8::1',
    '2001:db8::1]:80',
    '[[2001:db8::1]]:80',
    '[fe80::1%eth0]:80',
    '"203.0.113.5:4711"',
    'for=203.0.113.5',
    '_hidden:80',
    'unix',
    'unknown:1',
  ])('%j is invalid', (text) => {
    expect(hopAddress(text)).toBeNull();
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
    ['9.9.9.9:1, 203.0.113.5:4711, 10.0.0.1:80', '203.0.113.5'],
  ])('of %j is %s, never the leftmost by itself', (header, client) => {
    expect(clientOf(header, isTrusted)).toBe(client);
  });

  it.each([
    'a',
    '192.0.2.7,',
    ',10.0.0.1',
    'a, 10.0.0.1',
    '192.0.2.7:',
    '192.0.2.7:65536',
    'fe80::1%eth0',
    '192.0.2.7;10.0.0.1',
    `192.0.2.7,${' '.repeat(3000)}10.0.0.1`,
  ])('of %j cannot be determined', (header) => {
    expect(clientOf(header, isTrusted)).toBeNull();
  });
});

describe('a peer', () => {
  it.each([
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('at %s is the address %s', (remote, address) => {
    expect(accepted(remote, { kind: 'tcp' })).toMatchObject({ isOpen: true, address });
  });

  it('is a unix peer only if the listener is a Unix socket', () => {
    const live = testLive(testSnapshot({ trusted: ['unix'] }));
    const { trustsPeer } = createTrust(live);
    const unix = accepted(undefined, { kind: 'unix' });
    expect([unix.isOpen, unix.address, trustsPeer(unix)]).toEqual([true, 'unix', true]);
    const reset = accepted(undefined, { kind: 'tcp' });
    expect([reset.isOpen, reset.address, trustsPeer(reset)]).toEqual([false, 'unknown', false]);
  });

  it('stays the same when its connection is gone', () => {
    const socket: { remoteAddress: string | undefined } = { remoteAddress: '192.0.2.7' };
    recordPeer(socket, { kind: 'tcp' });
    socket.remoteAddress = undefined;
    expect(peerOf(socket).address).toBe('192.0.2.7');
  });

  it('is trusted by its listener alone if the listener says so', () => {
    const { trustsPeer } = createTrust(testLive(testSnapshot({ trusted: [] })));
    const own = accepted('127.0.0.1', { kind: 'tcp', trusts: 'peer' });
    const other = accepted('127.0.0.1', { kind: 'tcp' });
    expect([trustsPeer(own), trustsPeer(other)]).toEqual([true, false]);
  });

  it('that no listener has accepted is not trusted', () => {
    const trust = createTrust(testLive(testSnapshot({ trusted: ['unix'] })));
    expect(trust.trustsPeer(peerOf({}))).toBe(false);
  });

  it('is trusted only as long as the current configuration says so', () => {
    const live = testLive(testSnapshot({ trusted: ['10.0.0.1'] }));
    const isListed = createTrust(live).proxiesBefore(accepted('192.0.2.1', { kind: 'tcp' }));
    expect([isListed('10.0.0.1'), isListed('10.0.0.2')]).toEqual([true, false]);
    live.current = testSnapshot({ trusted: ['10.0.0.2'] });
    expect([isListed('10.0.0.1'), isListed('10.0.0.2')]).toEqual([false, true]);
  });

  it('without an address is not trusted, nor is an unknown peer', () => {
    const isListed = createTrust(testLive()).proxiesBefore(peerOf({}));
    expect(isListed('unix')).toBe(false);
    expect(isListed('198.51.100.9')).toBe(false);
  });

  it('is trusted by the list of its listener in place of trusted_proxies', () => {
    const trust = createTrust(testLive(testSnapshot({ trusted: ['127.0.0.1', '10.0.0.1'] })));
    const rule: PeerRule = { kind: 'tcp', trusts: (address) => address.startsWith('192.0.2.') };
    const [own, other] = [accepted('192.0.2.1', rule), accepted('127.0.0.1', rule)];
    expect([trust.trustsPeer(own), trust.trustsPeer(other)]).toEqual([true, false]);
    const isListed = trust.proxiesBefore(own);
    expect([isListed('192.0.2.9'), isListed('10.0.0.1')]).toEqual([true, false]);
  });
});

function isTrusted(address: string): boolean {
  return address.startsWith('10.') || address === '::1';
}

/** A socket accepted by a listener with this rule. */
function accepted(remoteAddress: string | undefined, rule: PeerRule) {
  const socket = { remoteAddress };
  return { isOpen: recordPeer(socket, rule), ...peerOf(socket) };
}
