/** Lists of trusted proxies: addresses, networks, and words for some of them. */
import {
  isIn,
  LOOPBACK_NETWORKS,
  type Network,
  networkOf,
  PRIVATE_NETWORKS,
  parseAddress,
} from '../../core/request/address.ts';

const NAMED: ReadonlyMap<string, readonly Network[]> = new Map([
  ['loopback', LOOPBACK_NETWORKS],
  ['private', PRIVATE_NETWORKS],
  // Peers on a unix socket. The permissions of its file decide who can connect.
  ['unix', []],
]);

/** The words that a list may contain. */
export const TRUST_WORDS: readonly string[] = [...NAMED.keys()];

/**
 * A test for canonical addresses; the address of a peer on a unix socket is `unix`. Every entry is a
 * word, an address or a network; throws a TypeError for any other.
 */
export function trustedPeers(entries: readonly string[]): (address: string) => boolean {
  const networks = entries.flatMap((entry) => NAMED.get(entry) ?? [networkOf(entry)]);
  const trustsUnix = entries.includes('unix');
  return (address) => {
    if (address === 'unix') return trustsUnix;
    if (networks.length === 0) return false;
    const parsed = parseAddress(address);
    return parsed !== null && networks.some((network) => isIn(network, parsed));
  };
}
