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

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { createServer } = process.getBuiltinModule('node:http');

/** Where requests go. None of these may throw. */
export interface Doors {
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Whether a websocket handshake is one; if not, it is answered as the request that it stands in. */
  upgrades(request: IncomingMessage): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Hears of a request that is refused before any door; gives the id for its answer. */
  refused(request: IncomingMessage, why: Why): string;
}

/** What is said to a request that no door hears of. */
interface Why {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** All header lines together, in bytes (431 beyond). */
const MAX_HEADER_BYTES = 32 * 1024;

/** The server, not yet listening. `rule`: of the listener, for all of its peers. */
export function createPublicServer(doors: Doors, rule: PeerRule): Server {
  // Behind a refused request the parser may already hold another one, read from bytes of which
  // nobody can say what they are: nothing more of that connection is heard.
  const ended = new WeakSet<Duplex>();
  // Node drops what arrived together with a request whose upgrade is declined, and reads on in the
  // middle of the message after it: the connection ends with the answer.
  const declined = new WeakSet<IncomingMessage>();
  const enter = (request: IncomingMessage, response: ServerResponse): void => {
    if (ended.has(request.socket)) return;
    if (declined.has(request)) {
      ended.add(request.socket);
      response.shouldKeepAlive = false;
    }
    const refusal = refuseFraming(request);
    if (refusal === null) return doors.request(request, response);
    ended.add(request.socket);
    refuseHttp(doors, request, response, refusal);
  };
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      // ReplyContext for by the framing check, which answers like everybody else here.
      requireHostHeader: false,
      insecureHTTPParser: false,
      // Whole uploads may take long; the portal's bodies and idle upstreams have clocks of their own.
      requestTimeout: 0,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      keepAliveTimeout: 65_000,
      keepAliveTimeoutBuffer: 1_000,
      noDelay: true,
      // Any other upgrade token (h2c, TLS) is dropped and the request judged as it stands.
      shouldUpgradeCallback(request) {
        const isTaken =
          request.headers.upgrade?.toLowerCase() === 'websocket' && doors.upgrades(request);
        if (!isTaken) declined.add(request);
        return isTaken;
      },
    },
    enter,
  );
  // node drops header lines beyond the default without a word; the framing check counts them instead.
  server.maxHeadersCount = 0;
  recordPeers(server, rule);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // The 100 itself is written by whoever wants the body, after the decision.
    enter(request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    refuseHttp(doors, request, response, EXPECTATION);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (ended.has(socket)) return void socket.destroy();
    const refusal = refuseFraming(request);
    if (refusal === null) doors.upgrade(request, socket, head);
    else refuseSocket(doors, request, socket, refusal);
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    refuseSocket(doors, request, socket, TUNNEL);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    closeRaw(socket, statusOf(error.code));
  });
  return server;
}

const EXPECTATION: Why = {
  status: 417,
  code: 'request/expectation',
  detail: 'only 100-continue is met',
};
const TUNNEL: Why = {
  status: 405,
  code: 'method/refused',
  detail: 'this method is not served here',
};

function refuseHttp(doors: Doors, request: IncomingMessage, response: ServerResponse, why: Why) {
  const requestId = doors.refused(request, why);
  sendReply(request, response, replyFor(why, requestId), requestId);
}

function refuseSocket(doors: Doors, request: IncomingMessage, socket: Duplex, why: Why): void {
  const requestId = doors.refused(request, why);
  sendRawReply(request, socket, replyFor(why, requestId), requestId);
}

/** The connection ends with it: where the next request would begin is not certain. */
function replyFor({ status, code, detail }: Why, requestId: string): HttpReply {
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
