/** Checks that are refused before a decision, with what the operator can do about it. */
import { type Refusal, refuse } from '../../core/request/refusal.ts';

/** No dialect has this path. */
export const NO_SUCH_PATH = refuse(404, 'check/unknown', 'there is no such check path');

/** No route has the host of the original request. */
export const UNKNOWN_HOST = refuse(403, 'host/unknown', 'no route answers to this host');

/** Browsers reach the Host of the check, too, so one of them may have sent it through the proxy. */
export const BROWSERS_HOST = refuse(
  403,
  'check/host',
  'Host is the portal or an app, as in the request of a browser: in the proxy, send checks to Doorward under its own address and leave Host as it is',
);

/** The peer may not ask for others. */
export function untrustedPeer(peer: string): Refusal {
  return refuse(
    403,
    'peer/untrusted',
    `${peer} may not ask for others; if it is your proxy, add it to trusted_proxies`,
  );
}

/** An app could read the name as a field that proxies write (`Remote!User` as Remote-User). */
export function ambiguousName(name: string): Refusal {
  return refuse(
    400,
    'header/name',
    `apps could read the header ${name} as another one: send it with letters, digits and hyphens only, or remove it in the proxy`,
  );
}

/** The header describes the original request in another dialect. */
export function foreignHeader(header: string, dialect: string): Refusal {
  return refuse(
    400,
    'forwarded/other-dialect',
    `${header} does not belong to ${dialect}: remove it from what the proxy sends here`,
  );
}

/** A path of ours inside the original request. Proxies that know 401 and 403 alone make a fault of a 404. */
export function reservedPath({ isWhole }: { readonly isWhole: boolean }): Refusal {
  return refuse(
    isWhole ? 404 : 403,
    'path/reserved',
    'paths below /.doorward/ belong to the gateway',
  );
}
