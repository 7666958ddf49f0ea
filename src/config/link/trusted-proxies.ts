/** Links lists of trusted proxies: the peers that may set X-Forwarded-*. Never all of them. */
import { parseAddress, parseNetwork } from '../../core/request/address.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { TRUST_WORDS } from '../settings/trusted-peers.ts';

/** The entries that have no fault; notes the faults of the others. */
export function linkTrustedProxies(entries: readonly string[], spot: Spot): readonly string[] {
  return entries.filter((entry, index) => isSound(entry, below(spot, index)));
}

function isSound(entry: string, spot: Spot): boolean {
  if (TRUST_WORDS.includes(entry)) return true;
  const network = parseNetwork(entry);
  if (network === null) {
    const hint = suggest(entry, TRUST_WORDS) ?? networkOf(entry);
    blame(
      spot,
      'expected an address, a network such as 10.0.0.0/8, loopback, private or unix',
      hint,
    );
    return false;
  }
  if (network.mask.some((byte) => byte !== 0)) return true;
  blame(spot, 'trusts every client to state its own address; list the addresses of your proxies');
  return false;
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
