/** Links the header in which trusted peers name the client. */
import { foldHeader } from '../../core/access/identity.ts';
import { HOP_BY_HOP, OF_THE_MESSAGE, OVERRIDES } from '../../core/access/request-fields.ts';
import { OTHER_PROXY_HEADERS } from '../../core/setup/proxy-plan.ts';
import { HEADER_NAME, TAKEN } from '../routes/identity.ts';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';

/** Fields with another meaning, folded. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  ...[...HOP_BY_HOP, ...OF_THE_MESSAGE, ...OVERRIDES, ...OTHER_PROXY_HEADERS].map(foldHeader),
  ...TAKEN,
]);

/** The header as written; null for X-Forwarded-For, and if the header has a fault. */
export function linkClientField(config: Config, root: Spot): string | null {
  const { header } = config.client_address ?? {};
  if (header === undefined) return null;
  const spot = below(root, 'client_address', 'header');
  const folded = foldHeader(header);
  if (!HEADER_NAME.test(header)) {
    blame(spot, 'expected a header name of letters, digits and hyphens');
  } else if (folded === 'xforwardedfor') {
    blame(spot, 'X-Forwarded-For is read without this option; remove client_address');
  } else if (folded !== 'xrealip' && (FORBIDDEN.has(folded) || /^(?:sec|content)-/i.test(header))) {
    blame(spot, `${header} has another meaning; expected a header such as X-Real-IP`);
  } else if (!isAnyPeerTrusted(config)) {
    blame(spot, 'has no effect: no peer is trusted; list your proxy in trusted_proxies');
  } else return header;
  return null;
}

function isAnyPeerTrusted({ trusted_proxies: shared, listen }: Config): boolean {
  return listen.some((entry) => {
    const trusts = typeof entry === 'string' ? undefined : entry.trusts;
    return (trusts ?? shared).length > 0;
  });
}
