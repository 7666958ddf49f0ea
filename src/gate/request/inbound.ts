/** A request on our socket as dialects see it. Reads headers exactly and interprets none of them. */
import type { IncomingMessage } from 'node:http';
import { type Inbound, oneHeader, REPEATED } from '../../core/request/dialect.ts';
import { peerOf } from './peer.ts';
import { forwardedFor, namedClient, type Trust } from './trust.ts';

/** The request for a dialect. `target`: what the dialect gets as the target. */
export function inboundOf(req: IncomingMessage, target: string, trust: Trust): Inbound {
  const { socket } = req;
  const peer = peerOf(socket);
  const trusted = trust.trustsPeer(peer);
  const isTrusted = trust.proxiesBefore(peer);
  const { headers, rawHeaders } = req;
  // Node's folded headers drop or join repeated ones; here they only show quickly what is absent.
  const header: Inbound['header'] = (name) =>
    headers[name] === undefined ? null : oneHeader(rawHeaders, name);
  return {
    method: req.method ?? '',
    target,
    rawHeaders,
    header,
    scheme: 'encrypted' in socket && socket.encrypted === true ? 'https' : 'http',
    peer: peer.address,
    trusted,
    isTrusted,
    forwardedFor: trusted ? reportedClient(headers, header, trust.clientHeader(), isTrusted) : null,
  };
}

function reportedClient(
  headers: IncomingMessage['headers'],
  header: Inbound['header'],
  name: string | null,
  isTrusted: Inbound['isTrusted'],
): Inbound['forwardedFor'] {
  if (name !== null) return namedClient(name, header);
  // Several lines are one list (RFC 9110 §5.3); node:http joins them in order.
  return forwardedFor(listed(headers['x-forwarded-for']), isTrusted);
}

function listed(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value;
}

/** A header's value; null when absent or repeated. */
export function headerOf(inbound: Inbound, name: string): string | null {
  const value = inbound.header(name);
  return value === REPEATED ? null : value;
}
