/**
 * Client addresses and networks as bytes. IPv4-mapped IPv6 becomes IPv4. Any text that is not
 * clearly an address is null, and callers must then refuse. Pure.
 */

/** Four bytes for IPv4 (and IPv4-mapped IPv6), sixteen for IPv6. */
export type Address = Uint8Array;

/** A compiled CIDR block: the first address and the mask, as bytes. */
export interface Network {
  readonly base: Address;
  readonly mask: Uint8Array;
}

const DOT = 46;
const ZERO = 48;
const NINE = 57;
const GROUP = /^[0-9a-f]{1,4}$/i;

/**
 * Parses an address without zone, port or brackets. Null for anything else, including octal forms.
 */
export function parseAddress(text: string): Address | null {
  if (text.length > 45) return null;
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

/** Written by hand, because every check of a network calls it. */
function parseV4(text: string): Address | null {
  if (text.length > 15) return null;
  const bytes = new Uint8Array(4);
  let octet = 0;
  let digits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || at === 3) return null;
      bytes[at] = octet;
      at += 1;
      octet = 0;
      digits = 0;
      continue;
    }
    // Some parsers read a leading zero as octal.
    if (code < ZERO || code > NINE || (digits > 0 && octet === 0)) return null;
    octet = octet * 10 + (code - ZERO);
    digits += 1;
    if (octet > 255) return null;
  }
  if (at !== 3 || digits === 0) return null;
  bytes[3] = octet;
  return bytes;
}

function parseV6(text: string): Address | null {
  const [left = '', right, ...more] = text.split('::');
  if (more.length > 0) return null;
  const head = groupsOf(left, right === undefined ? 'end' : 'start');
  const tail = right === undefined ? [] : groupsOf(right, 'end');
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  const bytes = new Uint8Array(16);
  for (const [index, group] of groups.entries()) {
    bytes[index * 2] = group >> 8;
    bytes[index * 2 + 1] = group & 0xff;
  }
  return isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** The 16-bit groups at the start or end of an address. The last of the end may be dotted IPv4. */
function groupsOf(text: string, side: 'start' | 'end'): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const v4 = side === 'end' && index === parts.length - 1 ? parseV4(part) : null;
    if (v4 === null) return null;
    const [a = 0, b = 0, c = 0, d = 0] = v4;
    groups.push((a << 8) | b, (c << 8) | d);
  }
  return groups.length > 8 ? null : groups;
}

function isMapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i += 1) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

/**
 * Parses `10.0.0.0/8`, `2001:db8::/32` or a single address. Null for anything else, and if bits are
 * set after the prefix: `10.1.2.3/8` is ambiguous.
 */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/');
  const written = slash < 0 ? text : text.slice(0, slash);
  const base = parseAddress(written);
  if (base === null) return null;
  const bits = base.length * 8;
  let prefix = bits;
  if (slash >= 0) {
    const digits = text.slice(slash + 1);
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(digits)) return null;
    // A mapped block is written with 128 bits and compared with 32.
    prefix = Number(digits) - (bits === 32 && written.includes(':') ? 96 : 0);
    if (prefix < 0 || prefix > bits) return null;
  }
  const mask = new Uint8Array(base.length);
  for (const [i, byte] of base.entries()) {
    const left = Math.min(8, Math.max(0, prefix - i * 8));
    const kept = (0xff << (8 - left)) & 0xff;
    if ((byte & ~kept) !== 0) return null;
    mask[i] = kept;
  }
  return { base, mask };
}

/** Whether an address is in a network. IPv4 is never in an IPv6 block, not even in `::/0`. */
export function isIn(network: Network, address: Address): boolean {
  const { base, mask } = network;
  if (base.length !== address.length) return false;
  for (let i = 0; i < base.length; i += 1) {
    if (((address[i] ?? 0) & (mask[i] ?? 0xff)) !== base[i]) return false;
  }
  return true;
}

/** Compiles a block that is known to be valid. Throws a TypeError for any other. */
export function networkOf(block: string): Network {
  const network = parseNetwork(block);
  if (network === null) throw new TypeError(`not a network: ${block}`);
  return network;
}

/** The networks called `private` (RFC 1918, RFC 4193). Excludes loopback and link-local. */
export const PRIVATE_NETWORKS: readonly Network[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
].map(networkOf);

/** The networks called `loopback`: this machine. */
export const LOOPBACK_NETWORKS: readonly Network[] = ['127.0.0.0/8', '::1/128'].map(networkOf);
