/**
 * The messages of a websocket's handshake: the request that the app receives, and its response on
 * the way to the client. Nothing of either crosses that was not scrubbed.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pathForApp } from '../../core/routes/route.ts';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import { nameAt, pairCount, valueAt } from '../../core/request/header-pairs.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import type { Admitted } from '../admission/admission.ts';
import { requestHeaders } from '../proxy/request-headers.ts';
import { responseHead, type Scrubbing } from '../proxy/response-headers.ts';
import { authorizationForApp } from '../reply/authorization.ts';
import type { Target } from '../upstream/target.ts';
import type { CloseCode } from './live-sockets.ts';

/** What httpxy reads of the request that it is given. */
export type Handshake = Pick<
  IncomingMessage,
  'method' | 'url' | 'headers' | 'httpVersion' | 'httpVersionMajor'
>;

/** The handshake for the app, made of facts and scrubbed headers alone. */
export function handshakeFor(
  admission: Admitted,
  { messages }: UpstreamGroup,
  target: Target,
): Handshake {
  const { inbound, facts, snapshot, requestId, decision, reply } = admission;
  const { preserveHost } = decision.route;
  const headers = grouped(
    requestHeaders({
      inbound,
      facts,
      identity: snapshot.identity,
      claims: reply.headers,
      messages,
      user: decision.visitor?.user ?? null,
      authorization: authorizationForApp(decision, facts),
      cookies: ownCookies(snapshot),
      preserveHost,
      requestId,
    }),
  );
  delete headers['content-length'];
  if (!preserveHost) headers['Host'] = target.authority;
  // httpxy looks for exactly these spellings.
  headers['connection'] = 'Upgrade';
  headers['upgrade'] = 'websocket';
  const path = target.basePath + pathForApp(decision.route, decision.rule, facts.path);
  const url = path + facts.query;
  return { method: 'GET', url, headers, httpVersion: '1.1', httpVersionMajor: 1 };
}

/**
 * Replaces the head of an app's refusal by a scrubbed one. httpxy writes version, reason and framing
 * as it finds them: the version is ours, and a body of any transfer coding goes on in our own chunks.
 */
export function scrubResponse(
  response: IncomingMessage,
  status: number,
  scrubbing: Scrubbing,
): void {
  const isCoded = response.headers['transfer-encoding'] !== undefined;
  const { headers, reason } = responseHead(
    { status, reason: response.statusMessage ?? '', raw: response.rawHeaders, isUnchunked: false },
    scrubbing,
  );
  const kept = grouped(headers);
  if (isCoded) kept['transfer-encoding'] = 'chunked';
  response.headers = kept;
  response.statusMessage = reason;
  response.httpVersion = '1.1';
}

/** The head of a 101: the app's own fields in their order, to be written as latin-1. */
export function switchingHead(response: IncomingMessage, scrubbing: Scrubbing): string {
  const { headers } = responseHead(
    { status: 101, reason: '', raw: response.rawHeaders, isUnchunked: true },
    scrubbing,
  );
  let head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  for (let i = 0; i < pairCount(headers); i += 1) {
    head += `${nameAt(headers, i)}: ${valueAt(headers, i)}\r\n`;
  }
  return `${head}\r\n`;
}

/** An unmasked close frame with a status (RFC 6455 §5.5.1). */
export function closeFrame(code: CloseCode): Buffer {
  return Buffer.from([0x88, 0x02, code >> 8, code & 0xff]);
}

/** Fields by name, repeated ones as lists; latin-1, as node and httpxy write heads. */
function grouped(flat: readonly string[]): IncomingHttpHeaders {
  const spelled = new Map<string, string>();
  const headers: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i < pairCount(flat); i += 1) {
    const lower = nameAt(flat, i).toLowerCase();
    const name = lower === 'content-length' ? lower : (spelled.get(lower) ?? nameAt(flat, i));
    spelled.set(lower, name);
    const value = valueAt(flat, i);
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
