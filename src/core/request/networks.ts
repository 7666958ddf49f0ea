/**
 * The networks an address belongs to, from the narrowest to the widest, as limits count them: one
 * subscriber has a /64 for the asking, and often a /56 or a /48 (RFC 6177). Pure and total.
 */
import { parseAddress } from './address.ts';

/**
 * `address`: IPv4 whole, IPv6 by its /64. `site`: /56. `block`: /24 of IPv4, /48 of IPv6.
 * `provider`: /16 of IPv4, /32 of IPv6.
 */
export type NetworkWidth = 'address' | 'site' | 'block' | 'provider';

/** One network. */
export interface Network {
  readonly width: NetworkWidth;
  /** `203.0.113.0/24`, `20010db80001/48`; never two networks under one key. */
  readonly key: string;
}

const V4: readonly (readonly [NetworkWidth, number])[] = [
  ['address', 4],
  ['block', 3],
  ['provider', 2],
];
const V6: readonly (readonly [NetworkWidth, number])[] = [
  ['address', 8],
  ['site', 7],
  ['block', 6],
  ['provider', 4],
];

/** Narrowest first. An address that cannot be read is its own network and the only one. */
export function networksOf(ip: string): readonly Network[] {
  const bytes = parseAddress(ip);
  if (bytes === null) return [{ width: 'address', key: ip }];
  return (bytes.length === 4 ? V4 : V6).map(([width, length]) => ({
    width,
    key: `${Buffer.from(bytes.subarray(0, length)).toString('hex')}/${8 * length}`,
  }));
}
