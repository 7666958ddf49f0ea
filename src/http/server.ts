/**
 * The public listener: node:http with every limit set on purpose, handing each request to
 * the router. Knows nothing of routes or sessions.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseFraming } from './framing.ts';

/** Where requests go. None of these may throw. */
export interface Doors {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** All header lines together, in bytes (431 beyond). */
const MAX_HEADER_BYTES = 32 * 1024;

/** The server, not yet listening. */
export function createPublicServer(doors: Doors): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: true,
      insecureHTTPParser: false,
      // Whole uploads may take long; the portal's bodies and idle upstreams have clocks of their own.
      requestTimeout: 0,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2_000,
      keepAliveTimeout: 65_000,
      keepAliveTimeoutBuffer: 1_000,
      noDelay: true,
      // Any other upgrade token (h2c, TLS) is dropped and the request judged as it stands.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      if (!isFramed(request, response)) return;
      doors.request(request, response);
    },
  );
  // node drops header lines beyond the default without a word; the framing check counts them instead.
  server.maxHeadersCount = 0;
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // The 100 itself is written by whoever wants the body, after the decision.
    if (isFramed(request, response)) doors.request(request, response);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    answer(response, 417, 'request/expectation');
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refusal = refuseFraming(request);
    if (refusal === null) doors.upgrade(request, socket, head);
    else closeRaw(socket, `${refusal.status} Bad Request`);
  });
  server.on('connect', (_request, socket: Duplex) => closeRaw(socket, '405 Method Not Allowed'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    closeRaw(socket, statusOf(error.code));
  });
  return server;
}

function isFramed(request: IncomingMessage, response: ServerResponse): boolean {
  const refusal = refuseFraming(request);
  if (refusal === null) return true;
  answer(response, refusal.status, refusal.code, refusal.detail);
  return false;
}

function answer(response: ServerResponse, status: number, code: string, message = ''): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    Connection: 'close',
  });
  response.end(JSON.stringify({ error: code, message }));
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
