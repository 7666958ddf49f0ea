/**
 * The header of the PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt): a proxy sends
 * it before anything else on a connection, to name the client whose bytes follow. Pure.
 */
import { canonicalAddress } from '../gate/request/peer.ts';

/** What a complete header says. */
export interface ProxyHeader {
  /** Bytes of the header; the client's own begin after them. */
  readonly length: number;
  /** `local`: the connection is the proxy's own, such as a health check. */
  readonly command: 'local' | 'proxy';
  /** Canonical address of the client; null if the proxy does not state one. */
  readonly address: string | null;
}

/** Longest header of version 1, with its line end. */
const MAX_V1 = 107;
/** Most bytes after the fixed part of version 2: addresses and extensions (TLVs), which are skipped. */
const MAX_V2 = 2048;

const V1 = Buffer.from('PROXY ', 'latin1');
const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Signature, command, family and length. */
const V2_FIXED = 16;

/** The header at the start of these bytes; `incomplete` if more are needed to tell. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  if (bytes[0] === V2[0]) return begins(bytes, V2) ? readV2(bytes) : 'malformed';
  return begins(bytes, V1) ? readV1(bytes) : 'malformed';
}

/** Whether the bytes, as far as they go, are these. */
function begins(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length);
  return bytes.compare(expected, 0, length, 0, length) === 0;
}

const PORT = '(?:0|[1-9][0-9]{0,4})';
const LINE = new RegExp(`^PROXY TCP([46]) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) (${PORT}) (${PORT})$`);

function readV1(bytes: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  const end = bytes.subarray(0, MAX_V1).indexOf('\r\n');
  if (end < 0) return bytes.length < MAX_V1 ? 'incomplete' : 'malformed';
  const line = bytes.toString('latin1', 0, end);
  const length = end + 2;
  // What follows UNKNOWN must be ignored.
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { length, command: 'proxy', address: null };
  const [, family, source = '', target = '', ...ports] = LINE.exec(line) ?? [];
  const isOther = (text: string): boolean => text.includes(':') !== (family === '6');
  const address = canonicalAddress(source);
  if (address === null || canonicalAddress(target) === null) return 'malformed';
  if (isOther(source) || isOther(target)) return 'malformed';
  if (ports.some((port) => Number(port) > 65_535)) return 'malformed';
  return { length, command: 'proxy', address };
}

/** Bytes of an address block, by family: IPv4, IPv6, unix. */
const BLOCKS: readonly number[] = [0, 12, 36, 216];
/** Family and transport in one byte. */
const TCP4 = 0x11;
const TCP6 = 0x21;

function readV2(bytes: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  const [version, kind] = [bytes[12], bytes[13]];
  if (version !== undefined && version !== 0x20 && version !== 0x21) return 'malformed';
  if (kind !== undefined && (kind >> 4 > 3 || (kind & 0xf) > 2)) return 'malformed';
  if (bytes.length < V2_FIXED || kind === undefined) return 'incomplete';
  const size = bytes.readUInt16BE(14);
  if (size > MAX_V2) return 'malformed';
  const isLocal = version === 0x20;
  if (!isLocal && size < (BLOCKS[kind >> 4] ?? 0)) return 'malformed';
  const length = V2_FIXED + size;
  if (bytes.length < length) return 'incomplete';
  // The block of a local connection must be skipped, whatever it holds.
  if (isLocal) return { length, command: 'local', address: null };
  return { length, command: 'proxy', address: sourceOf(kind, bytes.subarray(V2_FIXED)) };
}

/** Null for clients without an IP address: of a unix socket, of another transport, or unspecified. */
function sourceOf(kind: number, block: Buffer): string | null {
  if (kind === TCP4) return canonicalAddress(block.subarray(0, 4).join('.'));
  if (kind !== TCP6) return null;
  const groups = Array.from({ length: 8 }, (_, i) => block.readUInt16BE(i * 2).toString(16));
  return canonicalAddress(groups.join(':'));
}
