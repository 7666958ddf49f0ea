/**
 * Where a session may be used. Checked on every request of a bound session, so it allocates little.
 * An unknown place never matches. Pure.
 */
import { parseAddress } from '../request/address.ts';

import type { Bound } from './session.ts';

/** What is known about the place of an address. Unknown properties are absent. */
export interface Place {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country?: string;
  /** AF, AN, AS, EU, NA, OC or SA. */
  readonly continent?: string;
  /** Number of the autonomous system, 1 to 4294967295. */
  readonly asn?: number;
  /** Degrees, -90 to 90. Present only together with `longitude`. */
  readonly latitude?: number;
  /** Degrees, -180 to 180. */
  readonly longitude?: number;
  /** Accuracy radius around the coordinates, in kilometers. */
  readonly radius?: number;
}

/** A database of places on this machine. */
export interface Atlas extends Places {
  /**
   * Null if nothing is known: the text is no address, the address is private, or there is no
   * record. Synchronous; never throws.
   */
  placeOf(ip: string): Place | null;
}

/** What a session can be bound to, with the names used in YAML. */
export type Bond = 'network' | 'geo';

const V4_BYTES = 3;
const V6_BYTES = 7;

/**
 * The network of an address, as text: a /24 of IPv4, from which providers assign addresses, or a
 * /56 of IPv6, which a household gets (RFC 6177). A malformed address is its own network.
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
 * What a session that starts at this address is bound to. If the country is unknown (a private
 * address, no database), it is bound to the network, so that a session meant to be bound is never
 * unbound.
 */
export function boundTo(bonds: readonly Bond[], ip: string, places: Places | undefined): Bound {
  const country = bonds.includes('geo') ? (places?.countryOf(ip) ?? null) : null;
  const isNetwork = bonds.includes('network') || (bonds.includes('geo') && country === null);
  return {
    ...(isNetwork ? { network: networkOf(ip) } : {}),
    ...(country === null ? {} : { country }),
  };
}

/** Whether the address is outside the places where the session may be used. */
export function isElsewhere(bound: Bound, ip: string, places: Places | undefined): boolean {
  const { network, country } = bound;
  if (network === undefined && country === undefined) return true;
  if (network !== undefined && network !== networkOf(ip)) return true;
  return country !== undefined && country !== places?.countryOf(ip);
}

/** Locates addresses with a database on this machine. */
export interface Places {
  /** ISO 3166-1 alpha-2, upper case; null if unknown. Synchronous; never throws. */
  countryOf(ip: string): string | null;
}
