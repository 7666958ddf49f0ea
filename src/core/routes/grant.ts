/** Whether a credential counts for a request: what its rules accept, and the limits of a token. Pure. */
import type { Credential, Token } from '../people/token.ts';
import { isIn, type Network, networkOf, parseAddress } from '../request/address.ts';
import type { RequestFacts } from '../request/facts.ts';
import { isAccepted, type Scheme } from './accepts.ts';
import type { Match } from './route.ts';
import type { Reason } from '../values/reason.ts';

/** The permission that a credential carries. An empty list sets no limit. */
export interface Grant {
  readonly credential: Credential;
  /** Public id of the token, or of the user whose password was sent: for logs, limits and revocation. */
  readonly id: string;
  /** How it was presented. */
  readonly scheme: Scheme | 'certificate';
  /** Absolute end in epoch milliseconds, exclusive, or null. */
  readonly expiresAt: number | null;
  /** Ids of routes. */
  readonly routes: readonly string[];
  /** Upper case. GET includes HEAD. */
  readonly methods: readonly string[];
  readonly networks: readonly Network[];
}

/** The grant of a token that is shown in this scheme. Throws if a network of it cannot be read. */
export function grantOf(
  { id, expiresAt, routes, methods, networks }: Token,
  scheme: Scheme,
): Grant {
  // A network that was left out would widen the token.
  return {
    credential: 'token',
    id,
    scheme,
    expiresAt,
    routes,
    methods,
    networks: networks.map(networkOf),
  };
}

/** The grant of a password. It has no limits of its own. */
export function passwordGrant(userId: string): Grant {
  const none = { routes: [], methods: [], networks: [] };
  return { credential: 'basic', id: userId, scheme: 'basic', expiresAt: null, ...none };
}

/** Limits that the operator sets for the tokens of an issuer, or for certificates. */
type IssuerLimits = Pick<Grant, 'routes' | 'methods' | 'networks'> & { readonly name: string };

/** The grant of a JSON Web Token. `until` in epoch milliseconds. */
export function jwtGrant(
  { name, routes, methods, networks }: IssuerLimits,
  { subject, until }: { readonly subject: string; readonly until: number },
): Grant {
  const id = `${name} ${subject}`;
  const limits = { routes, methods, networks };
  return { credential: 'jwt', id, scheme: 'bearer', expiresAt: until, ...limits };
}

/** The grant of a client certificate with this SHA-256 fingerprint. `until` in epoch milliseconds. */
export function certificateGrant(
  { name, routes, methods, networks }: IssuerLimits,
  { fingerprint, until }: { readonly fingerprint: string; readonly until: number },
): Grant {
  const id = `${name} ${fingerprint}`;
  const limits = { routes, methods, networks };
  return { credential: 'certificate', id, scheme: 'certificate', expiresAt: until, ...limits };
}

/** How a credential is called in details of reasons. */
export function wordOf(credential: Credential): string {
  return { token: 'token', basic: 'password', jwt: 'JWT', certificate: 'certificate' }[credential];
}

/**
 * Whether a credential satisfies what otherwise only a sign-in does. A password alone never stands for
 * more than it is.
 */
export function suffices(
  { tokensSuffice }: { readonly tokensSuffice: boolean },
  credential: Credential | undefined,
): boolean {
  return tokensSuffice && credential !== undefined && credential !== 'basic';
}

/** Why a credential does not count. */
export interface Limit {
  readonly reason: Reason;
  /** Whether another credential is needed. If not, this one may be used elsewhere, but not here. */
  readonly needsAnother: boolean;
}

/** Why a grant, or (null) a session, does not count for this request; null if it does. */
export function limitOf(
  grant: Grant | null,
  { route, rules }: Pick<Match, 'route' | 'rules'>,
  facts: Pick<RequestFacts, 'method' | 'clientIp'>,
  now: number,
): Limit | null {
  if (grant === null) return isAccepted(rules, 'session') ? null : notAccepted('a session');
  if (!isAccepted(rules, grant.scheme)) return notAccepted(grant.scheme);
  if (grant.credential === 'basic' && !isAccepted(rules, 'passwords')) {
    return notAccepted('a password');
  }
  if (grant.expiresAt !== null && now >= grant.expiresAt) {
    const ended = new Date(grant.expiresAt).toISOString();
    const detail = `${wordOf(grant.credential)} ${grant.id} expired at ${ended}`;
    return { reason: { code: `${grant.credential}/expired`, detail }, needsAnother: true };
  }
  const reason = elsewhereOnly(grant, route.id, facts);
  return reason === null ? null : { reason, needsAnother: false };
}

/** Why a token may be used, but not for this request. */
function elsewhereOnly(
  { credential, id, routes, methods, networks }: Grant,
  route: string,
  { method, clientIp }: Pick<RequestFacts, 'method' | 'clientIp'>,
): Reason | null {
  const which = `${wordOf(credential)} ${id}`;
  if (routes.length > 0 && !routes.includes(route)) {
    return { code: 'token/route', detail: `${which} may open ${routes.join(', ')}` };
  }
  if (methods.length > 0 && !methods.includes(method === 'HEAD' ? 'GET' : method)) {
    return { code: 'token/method', detail: `${which} may use ${methods.join(', ')}` };
  }
  if (networks.length === 0) return null;
  const address = parseAddress(clientIp);
  if (address !== null && networks.some((network) => isIn(network, address))) return null;
  return { code: 'token/network', detail: `${which} may not be used from ${clientIp}` };
}

function notAccepted(what: string): Limit {
  return {
    reason: { code: 'credential/not-accepted', detail: `${what} does not count here` },
    needsAnother: true,
  };
}
