/**
 * Who is at the other end of a connection: recorded when the listener accepts it, never looked up
 * later. A TCP client that resets its connection has no address any more, exactly like the peer of
 * a unix socket; only the listener knows which of the two it is.
 */
import type { Server, Socket } from 'node:net';
import { SocketAddress, isIPv4, isIPv6 } from 'node:net';

/** What is known of a listener's peers before any of them connects. */
export interface PeerRule {
  readonly kind: 'tcp' | 'unix';
  /** `peer`: whatever connects here may speak X-Forwarded-*. */
  readonly trusts?: 'peer';
}

/** The other end of one connection. */
export interface Peer {
  /** Canonical address; `unix` for a peer of a unix socket, `unknown` for one without a record. */
  readonly address: string;
  /** Whether its listener trusts all peers. */
  readonly isTrusted: boolean;
}

/** A connection that no listener of ours has accepted: never trusted, and no network holds it. */
const UNKNOWN: Peer = { address: 'unknown', isTrusted: false };

/** By socket: as long as the socket lives, whatever becomes of its connection. */
const peers = new WeakMap<object, Peer>();

/**
 * Records the peer of every connection that this server accepts. A TCP connection without an
 * address is already reset: it is closed, and none of its requests is read.
 */
export function recordPeers(server: Server, rule: PeerRule): void {
  server.on('connection', (socket: Socket) => {
    if (!recordPeer(socket, rule)) socket.destroy();
  });
}

/** Records one connection's peer; false when a TCP connection has no address. */
export function recordPeer(socket: Pick<Socket, 'remoteAddress'>, rule: PeerRule): boolean {
  const isTrusted = rule.trusts === 'peer';
  if (rule.kind === 'unix') {
    peers.set(socket, { address: 'unix', isTrusted });
    return true;
  }
  const address = canonicalPeer(socket.remoteAddress);
  if (address === null) return false;
  peers.set(socket, { address, isTrusted });
  return true;
}

/** The peer as it was recorded. */
export function peerOf(socket: object): Peer {
  return peers.get(socket) ?? UNKNOWN;
}

/** A link-local peer carries its zone in what the kernel reports; only there it is cut off. */
function canonicalPeer(remote: string | undefined): string | null {
  if (remote === undefined) return null;
  const zone = remote.indexOf('%');
  return canonicalAddress(zone < 0 ? remote : remote.slice(0, zone));
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
