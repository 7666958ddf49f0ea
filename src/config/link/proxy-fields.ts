/** Links the headers in which trusted peers describe the client: its address, and its certificate. */
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
  if (folded === 'xforwardedfor') {
    blame(spot, 'X-Forwarded-For is read without this option; remove client_address');
    return null;
  }
  return isFit(config, { header, isAllowed: folded === 'xrealip', example: 'X-Real-IP' }, spot)
    ? header
    : null;
}

/** The header of all `certificates` as written; null for none, and if it has a fault. */
export function linkCertificateField(config: Config, root: Spot): string | null {
  const [first] = config.certificates;
  if (first === undefined) return null;
  const spot = below(root, 'certificates', 0, 'header');
  const { header } = first;
  const isTaken = foldHeader(header) === foldHeader(config.client_address?.header ?? '');
  if (isTaken) blame(spot, `${header} names the client (client_address); choose another header`);
  const isOurs = isFit(config, { header, isAllowed: false, example: 'Ssl-Client-Cert' }, spot);
  return isOurs && !isTaken ? header : null;
}

/** Whether only a trusted proxy says what the header contains. */
function isFit(config: Config, { header, isAllowed, example }: Wanted, spot: Spot): boolean {
  const hasMeaning = FORBIDDEN.has(foldHeader(header)) || /^(?:sec|content)-/i.test(header);
  if (!HEADER_NAME.test(header)) {
    blame(spot, 'expected a header name of letters, digits and hyphens');
  } else if (!isAllowed && hasMeaning) {
    blame(spot, `${header} has another meaning; expected a header such as ${example}`);
  } else if (!isAnyPeerTrusted(config)) {
    blame(spot, 'has no effect: no peer is trusted; list your proxy in trusted_proxies');
  } else return true;
  return false;
}

interface Wanted {
  readonly header: string;
  /** Although it has a meaning. */
  readonly isAllowed: boolean;
  readonly example: string;
}

function isAnyPeerTrusted({ trusted_proxies: shared, listen }: Config): boolean {
  return listen.some((entry) => {
    const trusts = typeof entry === 'string' ? undefined : entry.trusts;
    return (trusts ?? shared).length > 0;
  });
}
