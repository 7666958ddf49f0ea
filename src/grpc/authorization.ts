/**
 * The method Check: a CheckRequest becomes the check that Envoy would have sent over HTTP, and goes
 * the same way as that one.
 */
import { oneHeader, type Inbound } from '../core/request/dialect.ts';
import { pairsOf } from '../core/request/header-pairs.ts';
import { type Refusal, refuse } from '../core/request/refusal.ts';
import type { Check } from '../gate/check/check.ts';
import { canonicalAddress, type Peer } from '../gate/request/peer.ts';
import { forwardedFor, hopAddress, namedClient, type Trust } from '../gate/request/trust.ts';
import { type CheckRequest, readCheckRequest } from './check-request.ts';
import { checkResponse } from './check-response.ts';

/** How a call ends: with a message, or with a fault that Envoy takes for no reply. */
export interface CallOutlet {
  readonly answer: (message: Buffer) => void;
  readonly fail: (fault: 'malformed' | 'internal') => void;
}

/** Answers the message of one call by this peer, in every case. */
export type Authorization = (message: Buffer, peer: Peer, outlet: CallOutlet) => void;

/** What answering needs. */
export interface AuthorizationParts {
  readonly check: Pick<Check, 'ask'>;
  readonly trust: Trust;
  /** The name of the dialect that reads checks which arrive here. */
  readonly dialect: string;
  /** Records a message that cannot be read, by the address of its peer. */
  readonly malformed: (peer: string) => void;
}

/** Joins the parts. */
export function createAuthorization(parts: AuthorizationParts): Authorization {
  const { check, trust, dialect, malformed } = parts;
  return (message, peer, outlet) => {
    const request = readCheckRequest(message);
    if (request === null) {
      malformed(peer.address);
      return outlet.fail('malformed');
    }
    let isSent = false;
    check.ask({
      name: dialect,
      rest: request.target,
      inbound: inboundOf(request, peer, trust),
      outlet: {
        send(reply, requestId) {
          const written = checkResponse(reply, requestId, { isHead: request.method === 'HEAD' });
          isSent = true;
          outlet.answer(written);
        },
        isSent: () => isSent,
        abandon: () => outlet.fail('internal'),
      },
    });
  };
}

function inboundOf(request: CheckRequest, peer: Peer, trust: Trust): Inbound {
  const { method, target, authority, scheme } = request;
  const rawHeaders = ['Host', authority, 'X-Forwarded-Proto', scheme, ...request.headers];
  const header: Inbound['header'] = (name) => oneHeader(rawHeaders, name);
  const isTrusted = trust.proxiesBefore(peer);
  const named = trust.clientHeader();
  return {
    method,
    target,
    rawHeaders,
    header,
    // Of our own socket, which is cleartext.
    scheme: 'http',
    peer: peer.address,
    trusted: trust.trustsPeer(peer),
    isTrusted,
    forwardedFor: named === null ? clientOf(request, isTrusted) : namedClient(named, header),
  };
}

/**
 * The client of the request. `attributes.source` is the other end of Envoy's connection, whatever
 * X-Forwarded-For says (CheckRequestUtils::createHttpCheck): behind a load balancer, all clients have
 * its address. If it is not trusted, another last hop in X-Forwarded-For is a second account of one
 * client: the load balancer's own address could open what a network policy guards.
 */
function clientOf(
  { client, headers }: CheckRequest,
  isTrusted: Inbound['isTrusted'],
): string | Refusal {
  const source = canonicalAddress(client);
  if (source === null) return NO_CLIENT;
  const told = [...pairsOf(headers)]
    .filter(([name]) => name === 'x-forwarded-for')
    .map(([, value]) => value)
    .join(',');
  if (told === '') return source;
  const isLast = hopAddress(told.slice(told.lastIndexOf(',') + 1)) === source;
  if (!isLast && !isTrusted(source)) return OTHER_CLIENT;
  return forwardedFor(isLast ? told : `${told},${source}`, isTrusted) ?? source;
}

const NO_CLIENT = refuse(
  400,
  'forwarded/client',
  'attributes.source.address must be the address of the client',
);
const OTHER_CLIENT = refuse(
  400,
  'forwarded/contradiction',
  'attributes.source and x-forwarded-for differ: if another proxy is in front of Envoy, add it to trusted_proxies; otherwise, set use_remote_address in Envoy',
);
