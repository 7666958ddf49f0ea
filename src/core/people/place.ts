/**
 * Where a session may be used. Checked on each request of a bound session, so it allocates little. An
 * unknown place never matches. Pure.
 */
import { parseAddress } from '../request/address.ts';

import type { Bound } from './session.ts';

/** What is known of where an address is; what is not known is absent. */
export interface Place {
  /** ISO 3166-1 alpha-2, in capitals. */
  readonly country?: string;
  /** AF, AN, AS, EU, NA, OC or SA. */
  readonly continent?: string;
  /** Number of the autonomous system, 1 to 4294967295. */
  readonly asn?: number;
  /** Degrees, -90 to 90; with `longitude` or not at all. */
  readonly latitude?: number;
  /** Degrees, -180 to 180. */
  readonly longitude?: number;
  /** How far from there it may be, in kilometres. */
  readonly radius?: number;
}

/** A database of places on this machine. */
export interface Atlas extends Places {
  /** Null when nothing is known of it: no address, a private one, one in no record. Synchronous; never throws. */
  placeOf(ip: string): Place | null;
}

/** What a session can be bound to, as in YAML. */
export type Bond = 'network' | 'geo';

const V4_BYTES = 3;
const V6_BYTES = 7;

/**
 * The network an address belongs to, as text: a /24 of IPv4, which providers hand out addresses
 * from, and a /56 of IPv6, which is what a household gets (RFC 6177). An odd text is its own network.
 */
export function networkOf(ip: string): string {
  const address = parseAddress(ip);
  if (address === null) return ip;
  return address.length === 4
    ? `${address.subarray(0, V4_BYTES).join('.')}.0/24`
    : `${Array.from(address.subarray(0, V6_BYTES), hex).join('')}/56`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/**
 * What a session that begins at this address is bound to. Where no country is known (a private
 * address, no database) it is the network: a session that shall be bound is never free.
 */
export function boundTo(bonds: readonly Bond[], ip: string, places: Places | undefined): Bound {
  const country = bonds.includes('geo') ? (places?.countryOf(ip) ?? null) : null;
  const isNetwork = bonds.includes('network') || (bonds.includes('geo') && country === null);
  return {
    ...(isNetwork ? { network: networkOf(ip) } : {}),
    ...(country === null ? {} : { country }),
  };
}

/** Whether an address is none of those that the session may be used from. */
export function isElsewhere(bound: Bound, ip: string, places: Places | undefined): boolean {
  const { network, country } = bound;
  if (network === undefined && country === undefined) return true;
  if (network !== undefined && network !== networkOf(ip)) return true;
  return country !== undefined && country !== places?.countryOf(ip);
}

/** Where addresses are, from a database on this machine. */
export interface Places {
  /** ISO 3166-1 alpha-2, in capitals; null when it is not known. Synchronous; never throws. */
  countryOf(ip: string): string | null;
}
