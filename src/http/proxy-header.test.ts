import { array, assert, constantFrom, nat, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCKS, KINDS, v1, v2 } from '../../test/support/proxy-headers.ts';
import { readProxyHeader } from './proxy-header.ts';

const TLV = Buffer.from(`0300040badcafe04000a${'00'.repeat(10)}`, 'hex');
const withTlv = (block: Buffer): Buffer => Buffer.concat([block, TLV]);

/** Name, header, command, address. */
const VALID: readonly (readonly [string, Buffer, 'proxy' | 'local', string | null])[] = [
  ['v1 TCP4', v1('TCP4 203.0.113.7 192.0.2.1 1025 443'), 'proxy', '203.0.113.7'],
  [
    'v1 TCP4, widest',
    v1('TCP4 255.255.255.255 255.255.255.255 65535 65535'),
    'proxy',
    '255.255.255.255',
  ],
  ['v1 TCP6', v1('TCP6 2001:DB8::7 ::1 0 443'), 'proxy', '2001:db8::7'],
  ['v1 TCP6, mapped', v1('TCP6 ::ffff:203.0.113.7 ::1 1 2'), 'proxy', '203.0.113.7'],
  ['v1 UNKNOWN', v1('UNKNOWN'), 'proxy', null],
  ['v1 UNKNOWN with more', v1('UNKNOWN ffff::ffff fe80::1 65535 65535'), 'proxy', null],
  ['v1 UNKNOWN with anything', v1(`UNKNOWN ${'\u00ff'.repeat(91)}`), 'proxy', null],
  ['v2 TCP4', v2(0x21, KINDS.tcp4, BLOCKS.v4), 'proxy', '203.0.113.7'],
  ['v2 TCP4 with TLVs', v2(0x21, KINDS.tcp4, withTlv(BLOCKS.v4)), 'proxy', '203.0.113.7'],
  ['v2 TCP6', v2(0x21, KINDS.tcp6, BLOCKS.v6), 'proxy', '2001:db8::7'],
  ['v2 TCP6 with TLVs', v2(0x21, KINDS.tcp6, withTlv(BLOCKS.v6)), 'proxy', '2001:db8::7'],
  ['v2 unix', v2(0x21, KINDS.unix, BLOCKS.unix), 'proxy', null],
  ['v2 UDP4', v2(0x21, KINDS.udp4, BLOCKS.v4), 'proxy', null],
  ['v2 UDP6', v2(0x21, KINDS.udp6, BLOCKS.v6), 'proxy', null],
  ['v2 unix datagram', v2(0x21, KINDS.unixDatagram, BLOCKS.unix), 'proxy', null],
  ['v2 unspecified', v2(0x21, KINDS.unspecified, BLOCKS.none), 'proxy', null],
  ['v2 unspecified with TLVs', v2(0x21, KINDS.unspecified, TLV), 'proxy', null],
  [
    'v2 longest',
    v2(0x21, KINDS.tcp4, Buffer.concat([BLOCKS.v4, Buffer.alloc(2036)])),
    'proxy',
    '203.0.113.7',
  ],
  ['v2 LOCAL', v2(0x20, KINDS.unspecified, BLOCKS.none), 'local', null],
  ['v2 LOCAL with a family', v2(0x20, KINDS.tcp4, BLOCKS.v4), 'local', null],
  ['v2 LOCAL with a short block', v2(0x20, KINDS.tcp6, BLOCKS.v4), 'local', null],
];

const MALFORMED: readonly (readonly [string, Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['TLS', Buffer.from('160301020001', 'hex')],
  ['an HTTP/2 preface', Buffer.from('PRI * HTTP/2.0\r\n')],
  ['lower case', Buffer.from('proxy TCP4')],
  ['a blank before it', Buffer.from(' PROXY')],
  ['two blanks', v1(' TCP4 203.0.113.7 192.0.2.1 1 2')],
  ['a blank at the end', v1('TCP4 203.0.113.7 192.0.2.1 1 2 ')],
  ['a line feed alone', Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 1 2\nGET / HTTP/1.1\r\n')],
  ['no protocol', v1('')],
  ['another protocol', v1('UDP4 203.0.113.7 192.0.2.1 1 2')],
  ['a protocol that only begins like one', v1('UNKNOWNS')],
  ['a missing port', v1('TCP4 203.0.113.7 192.0.2.1 1')],
  ['no addresses', v1('TCP4')],
  ['a port with a zero before it', v1('TCP4 203.0.113.7 192.0.2.1 01 2')],
  ['a port that is too high', v1('TCP4 203.0.113.7 192.0.2.1 65536 2')],
  ['a negative port', v1('TCP4 203.0.113.7 192.0.2.1 -1 2')],
  ['an octal address', v1('TCP4 0203.0.113.7 192.0.2.1 1 2')],
  ['a short address', v1('TCP4 203.0.113 192.0.2.1 1 2')],
  ['IPv6 as TCP4', v1('TCP4 2001:db8::7 192.0.2.1 1 2')],
  ['IPv4 as TCP6', v1('TCP6 203.0.113.7 ::1 1 2')],
  ['two families', v1('TCP6 2001:db8::7 192.0.2.1 1 2')],
  ['a zone', v1('TCP6 fe80::1%eth0 ::1 1 2')],
  ['v1 beyond 107 bytes', v1(`UNKNOWN ${'x'.repeat(92)}`)],
  ['v1 without an end', Buffer.alloc(107, 'PROXY UNKNOWN ')],
  ['v2 with a wrong signature', Buffer.from('0d0a0d0a000d0a515549550a', 'hex')],
  ['v2 of version 1', v2(0x11, KINDS.tcp4, BLOCKS.v4)],
  ['v2 of version 3', v2(0x31, KINDS.tcp4, BLOCKS.v4)],
  ['v2 with another command', v2(0x22, KINDS.tcp4, BLOCKS.v4)],
  ['v2 with another family', v2(0x21, 0x41, BLOCKS.unix)],
  ['v2 with another transport', v2(0x21, 0x13, BLOCKS.v4)],
  ['v2 LOCAL with another family', v2(0x20, 0xf1, BLOCKS.v4)],
  ['v2 with a block that is too short for IPv4', v2(0x21, KINDS.tcp4, BLOCKS.v4, 11)],
  ['v2 with a block that is too short for IPv6', v2(0x21, KINDS.tcp6, BLOCKS.v4)],
  ['v2 with a block that is too short for unix', v2(0x21, KINDS.unix, BLOCKS.v6)],
  ['v2 that is too long', v2(0x21, KINDS.tcp4, BLOCKS.v4, 2049)],
  ['v2 LOCAL that is too long', v2(0x20, KINDS.unspecified, BLOCKS.none, 65_535)],
];

describe('a PROXY header', () => {
  it.each(VALID)('%s is read, whatever follows', (_, header, command, address) => {
    const expected = { length: header.length, command, address };
    expect(readProxyHeader(header)).toEqual(expected);
    const rest = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nPROXY UNKNOWN\r\n');
    expect(readProxyHeader(Buffer.concat([header, rest]))).toEqual(expected);
  });

  it.each(VALID)('%s is incomplete wherever it is cut', (_, header) => {
    for (let length = 0; length < header.length; length += 1) {
      expect(readProxyHeader(header.subarray(0, length))).toBe('incomplete');
    }
  });

  it.each(MALFORMED)('is not %s', (_, bytes) => {
    expect(readProxyHeader(bytes)).toBe('malformed');
  });

  it('needs at most 107 bytes in version 1 and 2,064 in version 2', () => {
    const start = constantFrom(
      Buffer.from('PROXY TCP4 '),
      Buffer.from('PROXY UNKNOWN '),
      v2(0x21, KINDS.tcp4, BLOCKS.none, 2048),
      v2(0x20, KINDS.unspecified, BLOCKS.none, 65_535),
    );
    assert(
      property(start, uint8Array({ minLength: 2048, maxLength: 2048 }), (begin, noise) => {
        const bytes = Buffer.concat([begin, noise]);
        const read = readProxyHeader(bytes);
        const length = typeof read === 'string' ? 0 : read.length;
        expect([read === 'incomplete', length <= 2064]).toEqual([false, true]);
      }),
    );
  });

  it('is recognized in any bytes, and never by more of them than it needs', () => {
    const header = constantFrom(...VALID.map(([, bytes]) => bytes));
    const change = record({ at: nat(2100), to: nat(255) });
    assert(
      property(header, array(change, { maxLength: 3 }), (sound, changes) => {
        const bytes = Buffer.from(sound);
        for (const { at, to } of changes) bytes[at % bytes.length] = to;
        const whole = readProxyHeader(bytes);
        const parts = Array.from(bytes, (_, length) => readProxyHeader(bytes.subarray(0, length)));
        for (const part of parts.filter((one) => one !== 'incomplete')) expect(part).toEqual(whole);
      }),
    );
  });
});
