/**
 * The networks of an address, from the narrowest to the widest, for rate limits. One subscriber
 * easily gets a /64, and often a /56 or /48 (RFC 6177). Pure; accepts any text.
 */
import { parseAddress } from './address.ts';

/**
 * `address`: an IPv4 address, or the /64 of an IPv6 address. `site`: /56. `block`: /24 of IPv4, /48
 * of IPv6. `provider`: /16 of IPv4, /32 of IPv6.
 */
export type NetworkWidth = 'address' | 'site' | 'block' | 'provider';

/** One network of an address. */
export interface Network {
  readonly width: NetworkWidth;
  /** Unique hexadecimal prefix with its length: `cb0071/24`, `20010db80001/48`. */
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

/** Narrowest first. An unreadable address is its own and only network. */
export function networksOf(ip: string): readonly Network[] {
  const bytes = parseAddress(ip);
  if (bytes === null) return [{ width: 'address', key: ip }];
  return (bytes.length === 4 ? V4 : V6).map(([width, length]) => ({
    width,
    key: `${Buffer.from(bytes.subarray(0, length)).toString('hex')}/${8 * length}`,
  }));
}
