/**
 * Real apps behind the proxy: one that records all requests, one of raw bytes, one of websockets.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** One request as an app received it. */
interface Seen {
  readonly method: string;
  readonly url: string;
  /** Flat, spelled as on the wire. */
  readonly rawHeaders: readonly string[];
  /** Values of a field by lower-case name, in order. */
  readonly values: (name: string) => string[];
  body: Buffer;
  rawTrailers: readonly string[];
}

/** A running app. */
export interface App {
  readonly port: number;
  readonly url: string;
  /** Requests in order of their heads. */
  readonly seen: Seen[];
  /** All bytes of all connections, latin-1. */
  readonly bytes: () => string;
  /** Connections so far, and currently open. */
  readonly connections: () => { readonly made: number; readonly open: number };
  close(): Promise<void>;
}

/** How an app responds; the body is read and recorded as well. */
export type AppHandler = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void;

const echo: AppHandler = (request, response, seen) => {
  request.on('end', () => {
    const text = JSON.stringify({ method: seen.method, url: seen.url, size: seen.body.length });
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': text.length });
    response.end(text);
  });
};

/**
 * An HTTP app; without a handler, it echoes method, URL and size. Bodies above 1 MB are counted,
 * not stored.
 */
export async function startApp(handler: AppHandler = echo): Promise<App> {
  const seen: Seen[] = [];
  const watched = watchSockets();
  const server = createServer(
    { keepAliveTimeout: 30_000, requireHostHeader: false },
    (req, res) => {
      const one: Seen = {
        method: req.method ?? '',
        url: req.url ?? '',
        rawHeaders: req.rawHeaders,
        values: (name) => valuesOf(req.rawHeaders, name),
        body: Buffer.alloc(0),
        rawTrailers: [],
      };
      seen.push(one);
      const chunks: Buffer[] = [];
      let size = 0;
      req.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= 1 << 20) chunks.push(chunk);
      });
      req.on('error', () => {
        // A client that disconnects is part of the tests.
      });
      req.on('end', () => {
        one.body = size <= 1 << 20 ? Buffer.concat(chunks) : Buffer.alloc(0);
        one.rawTrailers = req.rawTrailers;
      });
      handler(req, res, one);
    },
  );
  server.on('connection', watched.watch);
  return { ...(await listening(server, watched)), seen };
}

/** A raw TCP app: `answer` is called when a complete request head (and plain body) has arrived. */
export async function startBytes(
  answer: (socket: Socket, nth: number, head: string) => void,
): Promise<Omit<App, 'seen'>> {
  const watched = watchSockets();
  let count = 0;
  const server = createTcpServer((socket) => {
    watched.watch(socket);
    let buffered = '';
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (let end = buffered.indexOf('\r\n\r\n'); end >= 0; end = buffered.indexOf('\r\n\r\n')) {
        const head = buffered.slice(0, end + 4);
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
        if (buffered.length < head.length + length) return;
        buffered = buffered.slice(head.length + length);
        count += 1;
        answer(socket, count, head);
      }
    });
  });
  return listening(server, watched);
}

/** The certificate of a TLS app. */
interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  /** Authorities of client certificates, which are then required. */
  readonly ca?: string;
}

/** Where and how a websocket app listens. */
export interface SocketsOptions {
  readonly tls?: TlsFiles;
  /** Path of a Unix socket. */
  readonly path?: string;
  /** Further fields of the 101, as raw lines. */
  readonly fields?: readonly string[];
}

/** A websocket echo; also records handshakes. Plain requests are recorded and get 403. */
export async function startSockets(
  options: SocketsOptions = {},
): Promise<App & { readonly clients: Set<WebSocket> }> {
  const seen: Seen[] = [];
  const watched = watchSockets();
  const refuse = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(seenOf(request));
    response.writeHead(403).end('no');
  };
  const { tls } = options;
  const server =
    tls === undefined
      ? createServer(refuse)
      : createTlsServer({ ...tls, requestCert: tls.ca !== undefined }, refuse);
  const sockets = new WebSocketServer({ server });
  sockets.on('headers', (lines) => lines.push(...(options.fields ?? [])));
  sockets.on('connection', (socket, request) => {
    seen.push(seenOf(request));
    socket.on('error', () => {
      // Cut off in tests.
    });
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.on('connection', watched.watch);
  const at = await listening(server, watched, options.path);
  const url = tls === undefined ? at.url : at.url.replace('http:', 'https:');
  return { ...at, url, seen, clients: sockets.clients };
}

function seenOf(request: IncomingMessage): Seen {
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    rawHeaders: request.rawHeaders,
    values: (name) => valuesOf(request.rawHeaders, name),
    body: Buffer.alloc(0),
    rawTrailers: [],
  };
}

/** Values of a field by lower-case name. */
function valuesOf(raw: readonly string[], name: string): string[] {
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);
}

interface Watched {
  readonly watch: (socket: Socket) => void;
  readonly open: Set<Socket>;
  readonly made: () => number;
  readonly bytes: () => string;
}

function watchSockets(): Watched {
  const open = new Set<Socket>();
  const chunks: Buffer[] = [];
  let kept = 0;
  let made = 0;
  return {
    open,
    made: () => made,
    bytes: () => Buffer.concat(chunks).toString('latin1'),
    watch(socket) {
      made += 1;
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => {
        // Cut off in tests.
      });
      socket.on('data', (chunk: Buffer) => {
        kept += chunk.length;
        if (kept <= 1 << 20) chunks.push(chunk);
      });
    },
  };
}

function listening(server: Server, watched: Watched, path?: string): Promise<Omit<App, 'seen'>> {
  return new Promise((resolve) => {
    server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path }, () => {
      const port = path === undefined ? (server.address() as AddressInfo).port : 0;
      resolve({
        port,
        url: path === undefined ? `http://127.0.0.1:${port}` : `unix:${path}`,
        bytes: watched.bytes,
        connections: () => ({ made: watched.made(), open: watched.open.size }),
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of watched.open) socket.destroy();
          }),
      });
    });
  });
}
