/** Which peers may speak for others, and the client behind them. Believes nothing of other peers. */
import type { Inbound } from '../../core/request/dialect.ts';
import { requiredHeader } from '../../core/request/forwarded.ts';
import { type Refusal, refuse } from '../../core/request/refusal.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import { type AddressTest, canonicalAddress, type Peer } from './peer.ts';

/** Trust in peers under the snapshot in force, cached. */
export interface Trust {
  /** Whether this peer may send X-Forwarded-*: its listener or trusted_proxies says so. */
  readonly trustsPeer: (peer: Peer) => boolean;
  /** The proxies that may stand between this peer and the client. */
  readonly proxiesBefore: (peer: Peer) => AddressTest;
  /** Lower-case name of the header in which trusted peers name the client; null for X-Forwarded-For. */
  readonly clientHeader: () => string | null;
}

/** Longest X-Forwarded-For that is read, in characters. */
const MAX_FORWARDED_FOR = 2048;

/** Results kept; peers are few, so a full table means a scan, and is emptied. */
const REMEMBERED = 1024;

/** Trust under the live snapshot. */
export function createTrust(live: Live): Trust {
  let knownUnder: Snapshot | null = null;
  const known = new Map<string, boolean>();

  const isTrusted = (address: string): boolean => {
    const snapshot = live.current;
    if (snapshot !== knownUnder) {
      knownUnder = snapshot;
      known.clear();
    }
    const before = known.get(address);
    if (before !== undefined) return before;
    if (known.size >= REMEMBERED) known.clear();
    const isProxy = snapshot.isTrustedProxy(address);
    known.set(address, isProxy);
    return isProxy;
  };
  return {
    trustsPeer: (peer) => peer.isTrusted ?? isTrusted(peer.address),
    proxiesBefore: (peer) => peer.trusts ?? isTrusted,
    clientHeader: () => live.current.identity.clientField?.toLowerCase() ?? null,
  };
}

/** The client named by a trusted peer's X-Forwarded-For; null when that is absent or empty. */
export function forwardedFor(
  header: string | undefined,
  isTrusted: AddressTest,
): string | null | Refusal {
  if (header === undefined || header === '') return null;
  const client = clientOf(header, isTrusted);
  if (client !== null) return client;
  return refuse(
    400,
    'forwarded/client',
    'x-forwarded-for must list addresses, each with or without a port, the nearest last',
  );
}

/**
 * The client named by the header `name`, which a trusted peer must send exactly once with one address.
 * Without it, the proxy's own address would be taken for the client's.
 */
export function namedClient(name: string, header: Inbound['header']): string | Refusal {
  const value = requiredHeader({ header }, name);
  if (typeof value !== 'string') return value;
  return (
    hopAddress(value) ??
    refuse(400, 'forwarded/client', `${name} must contain one address, with or without a port`)
  );
}

/** IPv4 with a port, or IPv6 in brackets with or without one (RFC 7239 §6). */
const WITH_PORT = /^(?:([0-9.]{7,15}):|\[([0-9A-Fa-f:.]{2,45})\](?::(?=[0-9])|$))([0-9]{0,5})$/;

/**
 * The value of the chosen header or one hop of X-Forwarded-For, as a canonical address without its
 * port, which Azure Application Gateway, IIS and others write. Null for anything else.
 */
export function hopAddress(text: string): string | null {
  const hop = text.trim();
  const plain = canonicalAddress(hop);
  if (plain !== null) return plain;
  const [, v4, v6, port = ''] = WITH_PORT.exec(hop) ?? [];
  if ((v4 === undefined || port === '') && v6 === undefined) return null;
  if (Number(port) > 65_535 || (v6 !== undefined && !v6.includes(':'))) return null;
  return canonicalAddress(v4 ?? v6 ?? '');
}

/**
 * The rightmost hop that is not a trusted proxy; the leftmost when all are. Hops left of it were
 * written by the client and are ignored (CVE-2023-36456 and similar). Null when a hop that counts is
 * not an address.
 */
export function clientOf(header: string, isTrusted: AddressTest): string | null {
  if (header.length > MAX_FORWARDED_FOR) return null;
  let end = header.length;
  for (;;) {
    const comma = header.lastIndexOf(',', end - 1);
    const hop = hopAddress(header.slice(comma + 1, end));
    if (hop === null || comma < 0 || !isTrusted(hop)) return hop;
    if (comma === 0) return null;
    end = comma;
  }
}
