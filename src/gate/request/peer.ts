/**
 * The other end of a connection: recorded when the listener accepts it, never looked up later. A TCP
 * client that resets its connection no longer has an address, like the peer of a unix socket; only
 * the listener can tell the two apart.
 */
import type { Server, Socket } from 'node:net';
import { SocketAddress, isIPv4, isIPv6 } from 'node:net';

/** Whether a canonical address, or `unix`, may send X-Forwarded-*. */
export type AddressTest = (address: string) => boolean;

/** What a listener says of its peers. */
export interface PeerRule {
  readonly kind: 'tcp' | 'unix';
  /** Which peers may send X-Forwarded-*: every `peer`, or those of a list. If absent, trusted_proxies decides. */
  readonly trusts?: 'peer' | AddressTest;
}

/** The other end of one connection. */
export interface Peer {
  /** Canonical address; `unix` for a peer of a unix socket, `unknown` for one without an address. */
  readonly address: string;
  /** Whether its listener trusts it; null if trusted_proxies decides. */
  readonly isTrusted: boolean | null;
  /** The list of its listener, which replaces trusted_proxies; null if there is none. */
  readonly trusts: AddressTest | null;
}

/** A connection without a known origin: never trusted, and in no network. */
const UNKNOWN: Peer = { address: 'unknown', isTrusted: false, trusts: null };

/** By socket, for as long as the socket lives. */
const peers = new WeakMap<object, Peer>();

/**
 * Records the peer of every connection that this server accepts. A TCP connection without an address
 * has already been reset: it is closed, and none of its requests is read.
 */
export function recordPeers(server: Server, rule: PeerRule): void {
  server.on('connection', (socket: Socket) => {
    if (!recordPeer(socket, rule)) socket.destroy();
  });
}

/** Records one connection's peer; false when a TCP connection has no address. */
export function recordPeer(socket: Pick<Socket, 'remoteAddress'>, rule: PeerRule): boolean {
  const address = rule.kind === 'unix' ? 'unix' : canonicalPeer(socket.remoteAddress);
  if (address === null) return false;
  peers.set(socket, peerAt(address, rule));
  return true;
}

function peerAt(address: string, { trusts }: PeerRule): Peer {
  if (trusts === undefined) return { address, isTrusted: null, trusts: null };
  if (trusts === 'peer') return { address, isTrusted: true, trusts: null };
  return { address, isTrusted: trusts(address), trusts };
}

/**
 * Replaces the peer by the client for which it carries the connection (PROXY protocol); null: a client
 * without an address. The client is trusted only by its own address, never because its proxy is.
 */
export function recordClient(socket: object, rule: PeerRule, address: string | null): void {
  if (address === null) peers.set(socket, UNKNOWN);
  else peers.set(socket, peerAt(address, rule.trusts === 'peer' ? { kind: rule.kind } : rule));
}

/** A connection inside of another one, such as a stream of HTTP/2, has the peer of that one. */
export function sharePeer(from: object, to: object): void {
  peers.set(to, peerOf(from));
}

/** The peer as recorded. */
export function peerOf(socket: object): Peer {
  return peers.get(socket) ?? UNKNOWN;
}

/** The kernel reports link-local peers with their zone; it is cut off here and nowhere else. */
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
