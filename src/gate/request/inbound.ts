/** A request on our socket as dialects see it. Reads headers exactly and interprets none of them. */
import type { IncomingMessage } from 'node:http';
import { type Inbound, oneHeader, REPEATED } from '../../core/request/dialect.ts';
import { peerOf } from './peer.ts';
import { forwardedFor, type Trust } from './trust.ts';

/** The request for a dialect. `target`: what the dialect gets as the target. */
export function inboundOf(req: IncomingMessage, target: string, trust: Trust): Inbound {
  const { socket } = req;
  const peer = peerOf(socket);
  const trusted = trust.trustsPeer(peer);
  const isTrusted = trust.proxiesBefore(peer);
  const { headers, rawHeaders } = req;
  return {
    method: req.method ?? '',
    target,
    rawHeaders,
    // Node's folded headers drop or join repeated ones; here they only show quickly what is absent.
    header: (name) => (headers[name] === undefined ? null : oneHeader(rawHeaders, name)),
    scheme: 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http',
    peer: peer.address,
    trusted,
    isTrusted,
    // Several lines are one list (RFC 9110 §5.3); node:http joins them in order.
    forwardedFor: trusted ? forwardedFor(listed(headers['x-forwarded-for']), isTrusted) : null,
  };
}

function listed(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

/** A header's value; null when absent or repeated. */
export function headerOf(inbound: Inbound, name: string): string | null {
  const value = inbound.header(name);
  return value === REPEATED ? null : value;
}
