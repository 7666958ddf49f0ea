/** Links `trusted_proxies`: the peers that may set X-Forwarded-*. None by default, and never all. */
import {
  isIn,
  LOOPBACK_NETWORKS,
  type Network,
  PRIVATE_NETWORKS,
  parseAddress,
  parseNetwork,
} from '../../core/request/address.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

const NAMED: Readonly<Record<string, readonly Network[]>> = {
  loopback: LOOPBACK_NETWORKS,
  private: PRIVATE_NETWORKS,
  /** Peers on a unix socket. The permissions of its file decide who can connect. */
  unix: [],
};

/** Returns a test for canonical addresses; the address of a peer on a unix socket is `unix`. */
export function linkTrustedProxies(
  entries: readonly string[],
  root: Spot,
): (address: string) => boolean {
  const networks: Network[] = [];
  for (const [index, entry] of entries.entries()) {
    const spot = below(root, 'trusted_proxies', index);
    const known = Object.hasOwn(NAMED, entry) ? NAMED[entry] : undefined;
    const network = known === undefined ? parseNetwork(entry) : null;
    if (known !== undefined) networks.push(...known);
    else if (network === null) {
      const hint = suggest(entry, Object.keys(NAMED)) ?? networkOf(entry);
      blame(
        spot,
        'expected an address, a network such as 10.0.0.0/8, loopback, private or unix',
        hint,
      );
    } else if (network.mask.every((byte) => byte === 0)) {
      blame(
        spot,
        'trusts every client to state its own address; list the addresses of your proxies',
      );
    } else networks.push(network);
  }
  const trustsUnix = entries.includes('unix');
  return (address) => {
    if (address === 'unix') return trustsUnix;
    if (networks.length === 0) return false;
    const parsed = parseAddress(address);
    return parsed !== null && networks.some((network) => isIn(network, parsed));
  };
}

/** A network without the bits after its prefix: `10.1.2.3/8` → `10.0.0.0/8`. */
function networkOf(entry: string): string | null {
  const [address = '', prefix = ''] = entry.split('/');
  const bytes = parseAddress(address);
  const bits = Number(prefix);
  if (bytes?.length !== 4 || !/^\d{1,2}$/.test(prefix) || bits > 32) return null;
  const masked = [...bytes].map((byte, i) => {
    const left = Math.min(8, Math.max(0, bits - i * 8));
    return byte & (0xff << (8 - left)) & 0xff;
  });
  return `"${masked.join('.')}/${bits}"`;
}
