/**
 * The public listener: node:http with every limit set on purpose, handing each request to
 * the router. Knows nothing of routes or sessions.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpReply } from '../core/request/dialect.ts';
import { type PeerRule, recordPeers } from '../gate/request/peer.ts';
import { sendReply } from '../gate/reply/send-reply.ts';
import { sendRawReply } from '../gate/reply/send-raw-reply.ts';
import { refuseFraming } from './framing.ts';
import { type HeaderParts, readProxyHeaders } from './proxied-connections.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { createServer } = process.getBuiltinModule('node:http');

/** Where requests go. None of these may throw. */
export interface Endpoints {
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Whether a websocket handshake is taken as one; if not, it is handled as an ordinary request. */
  upgrades(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Records a request that is refused before any endpoint; returns the id for its reply. */
  refused(request: IncomingMessage, failure: Failure): string;
}

/** Why a request reaches no endpoint. */
interface Failure {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const LIMITS = {
  /** All header lines together, in bytes (431 beyond). */
  maxHeaderSize: 32 * 1024,
  // The framing check requires it, and replies like the rest of the gateway.
  requireHostHeader: false,
  insecureHTTPParser: false,
  // Uploads may take long; the portal's bodies and idle upstreams have clocks of their own.
  requestTimeout: 0,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 65_000,
  keepAliveTimeoutBuffer: 1_000,
  noDelay: true,
};

/**
 * The server, not yet listening. `rule`: the listener's, for all of its peers. `headers`: its proxies
 * speak the PROXY protocol. `offer`: lets it speak another protocol of HTTP as well.
 */
export function createPublicServer(
  endpoints: Endpoints,
  rule: PeerRule,
  headers: HeaderParts | null = null,
  offer: (server: Server) => void = () => undefined,
): Server {
  // After a refused request the parser may already hold another one, made of bytes whose meaning is
  // uncertain: nothing more is read from that connection.
  const ended = new WeakSet<Duplex>();
  // Node drops what arrived together with a request whose upgrade is declined, and reads on in the
  // middle of the next message: the connection ends with the reply.
  const declined = new WeakSet<IncomingMessage>();
  const enter = (request: IncomingMessage, response: ServerResponse): void => {
    if (ended.has(request.socket)) return;
    if (declined.has(request)) {
      ended.add(request.socket);
      response.shouldKeepAlive = false;
    }
    const refusal = refuseFraming(request);
    if (refusal === null) return endpoints.request(request, response);
    ended.add(request.socket);
    refuseHttp(endpoints, request, response, refusal);
  };
  const server = createServer(
    {
      ...LIMITS,
      // Any other upgrade token (h2c, TLS) is dropped and the request handled without it.
      shouldUpgradeCallback(request) {
        const isTaken =
          request.headers.upgrade?.toLowerCase() === 'websocket' && endpoints.upgrades(request);
        if (!isTaken) declined.add(request);
        return isTaken;
      },
    },
    enter,
  );
  // By default node silently drops header lines beyond a limit; the framing check counts them instead.
  server.maxHeadersCount = 0;
  offer(server);
  if (headers === null) recordPeers(server, rule);
  else readProxyHeaders(server, rule, headers);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // The proxy writes the 100 itself, after the decision.
    enter(request, response);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (ended.has(socket)) return void socket.destroy();
    const refusal = refuseFraming(request);
    if (refusal === null) endpoints.upgrade(request, socket, head);
    else refuseSocket(endpoints, request, socket, refusal);
  });
  refuseOthers(server, endpoints);
  return server;
}

/** What never reaches an endpoint: unknown expectations, tunnels, and bytes that are no request. */
function refuseOthers(server: Server, endpoints: Endpoints): void {
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    refuseHttp(endpoints, request, response, EXPECTATION);
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    refuseSocket(endpoints, request, socket, TUNNEL);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    closeRaw(socket, statusOf(error.code));
  });
}

const EXPECTATION: Failure = {
  status: 417,
  code: 'request/expectation',
  detail: 'only 100-continue is met',
};
const TUNNEL: Failure = {
  status: 405,
  code: 'method/refused',
  detail: 'this method is not served here',
};

function refuseHttp(
  endpoints: Endpoints,
  request: IncomingMessage,
  response: ServerResponse,
  failure: Failure,
) {
  const requestId = endpoints.refused(request, failure);
  sendReply(request, response, replyFor(failure, requestId), requestId);
}

function refuseSocket(
  endpoints: Endpoints,
  request: IncomingMessage,
  socket: Duplex,
  failure: Failure,
): void {
  const requestId = endpoints.refused(request, failure);
  sendRawReply(request, socket, replyFor(failure, requestId), requestId);
}

/** Ends the connection: where the next request would begin is uncertain. */
function replyFor({ status, code, detail }: Failure, requestId: string): HttpReply {
  const text = JSON.stringify({ error: code, message: detail, request_id: requestId });
  const body = { type: 'application/json; charset=utf-8', text };
  return { status, headers: ['Connection', 'close'], body };
}

function statusOf(code: string | undefined): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return '431 Request Header Fields Too Large';
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return '413 Content Too Large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return '408 Request Timeout';
    default:
      return '400 Bad Request';
  }
}

function closeRaw(socket: Duplex, status: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => {
    socket.destroy();
  });
}
