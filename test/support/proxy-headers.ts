/** PROXY headers as proxies send them (haproxy.org, proxy-protocol.txt). */

/** The address families and transports of version 2, in one byte. */
export const KINDS = {
  unspecified: 0x00,
  tcp4: 0x11,
  udp4: 0x12,
  tcp6: 0x21,
  udp6: 0x22,
  unix: 0x31,
  unixDatagram: 0x32,
} as const;

/** Address blocks that fit: 203.0.113.7 or 2001:db8::7, port 1025, to 192.0.2.1 or ::1, port 443. */
export const BLOCKS = {
  none: Buffer.alloc(0),
  v4: Buffer.from('cb007107c0000201040101bb', 'hex'),
  v6: Buffer.from(`20010db8${'0'.repeat(22)}07${'0'.repeat(31)}1040101bb`, 'hex'),
  unix: Buffer.concat([Buffer.from('/run/client.sock'), Buffer.alloc(200)]),
} as const;

/** A header of version 2. `versionAndCommand`: 0x20 for LOCAL, 0x21 for PROXY. */
export function v2(
  versionAndCommand: number,
  kind: number,
  block: Buffer,
  length = block.length,
): Buffer {
  const fixed = Buffer.from('0d0a0d0a000d0a515549540a00000000', 'hex');
  fixed[12] = versionAndCommand;
  fixed[13] = kind;
  fixed.writeUInt16BE(length, 14);
  return Buffer.concat([fixed, block]);
}

/** A header of version 1, with its line end. */
export function v1(words: string): Buffer {
  return Buffer.from(`PROXY ${words}\r\n`, 'latin1');
}
