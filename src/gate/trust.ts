/**
 * Who speaks: the peer's address in one spelling, whether it may speak for others, and the
 * client behind it. Never believes a word of a peer that is not configured.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { type Refusal, refuse } from '../core/refusal.ts';
import type { Live, Snapshot } from '../core/snapshot.ts';

/** Judges peers under the snapshot in force, and remembers what it said. */
export interface Trust {
  /** Canonical address of a socket's peer; `unix` for one without an address. */
  readonly peerOf: (remoteAddress: string | undefined) => string;
  /** Whether this canonical address may speak X-Forwarded-*. */
  readonly isTrusted: (address: string) => boolean;
  /** The client named by X-Forwarded-For; null when it says nothing. Only for trusted peers. */
  readonly forwardedFor: (header: string | undefined) => string | null | Refusal;
}

/** Longest X-Forwarded-For that is read, in characters. */
const MAX_FORWARDED_FOR = 2048;

/** Answers kept; peers are few, so a full table is a sign of a scan and is simply emptied. */
const REMEMBERED = 1024;

/** Trust under the live snapshot. */
export function createTrust(live: Live): Trust {
  let judgedUnder: Snapshot | null = null;
  const judged = new Map<string, boolean>();
  const peers = new Map<string, string>();

  const isTrusted = (address: string): boolean => {
    const snapshot = live.current;
    if (snapshot !== judgedUnder) {
      judgedUnder = snapshot;
      judged.clear();
    }
    return remember(judged, address, () => snapshot.isTrustedProxy(address));
  };
  return {
    isTrusted,
    peerOf: (remote) =>
      remote === undefined ? 'unix' : remember(peers, remote, () => canonicalPeer(remote)),
    forwardedFor(header) {
      if (header === undefined || header === '') return null;
      const client = clientOf(header, isTrusted);
      if (client !== null) return client;
      return refuse(
        400,
        'forwarded/client',
        'x-forwarded-for must list plain addresses, the nearest last',
      );
    },
  };
}

function remember<V>(known: Map<string, V>, key: string, find: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= REMEMBERED) known.clear();
  const value = find();
  known.set(key, value);
  return value;
}

/** A link-local peer carries its zone in what the kernel reports; only there it is cut off. */
function canonicalPeer(remote: string): string {
  const zone = remote.indexOf('%');
  return canonicalAddress(zone < 0 ? remote : remote.slice(0, zone)) ?? 'unix';
}

/**
 * An address in one spelling: IPv4 dotted, IPv6 as RFC 5952, IPv4-mapped IPv6 as IPv4.
 * Null for anything else: ports, brackets, zones, octal forms, blanks.
 */
export function canonicalAddress(text: string): string | null {
  if (isIPv4(text)) return text;
  if (text.length > 45 || text.includes('%') || !isIPv6(text)) return null;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const mapped = /^::ffff:([0-9.]+)$/.exec(address)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : address;
}

/**
 * The rightmost hop that is not a trusted proxy; the leftmost when all are. Hops to the left
 * of it were written by the client and are not looked at (CVE-2023-36456 and kin). Null when
 * a hop that counts is not a plain address.
 */
export function clientOf(header: string, isTrusted: (address: string) => boolean): string | null {
  if (header.length > MAX_FORWARDED_FOR) return null;
  let end = header.length;
  for (;;) {
    const comma = header.lastIndexOf(',', end - 1);
    const hop = canonicalAddress(header.slice(comma + 1, end).trim());
    if (hop === null || comma < 0 || !isTrusted(hop)) return hop;
    if (comma === 0) return null;
    end = comma;
  }
}
