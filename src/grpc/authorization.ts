/**
 * The method Check: a CheckRequest becomes the check that Envoy would have sent over HTTP, and goes
 * the same way as that one.
 */
import { oneHeader, type Inbound } from '../core/request/dialect.ts';
import { type Refusal, refuse } from '../core/request/refusal.ts';
import type { Check } from '../gate/check/check.ts';
import { canonicalAddress, type Peer } from '../gate/request/peer.ts';
import type { Trust } from '../gate/request/trust.ts';
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
  return {
    method,
    target,
    rawHeaders,
    header: (name) => oneHeader(rawHeaders, name),
    // Of our own socket, which is cleartext.
    scheme: 'http',
    peer: peer.address,
    trusted: trust.trustsPeer(peer),
    isTrusted: trust.proxiesBefore(peer),
    forwardedFor: clientOf(request),
  };
}

/** Envoy has evaluated X-Forwarded-For itself, as far as its configuration trusts it. */
function clientOf({ client }: CheckRequest): string | Refusal {
  return (
    canonicalAddress(client) ??
    refuse(400, 'forwarded/client', 'attributes.source.address must be the address of the client')
  );
}
