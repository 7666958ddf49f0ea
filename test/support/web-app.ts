/** A real app behind a gateway: reports its requests, echoes websockets, records everything. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

/** One request as the app received it. */
export interface AppRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** UTF-8 values of all fields whose names fold to this one, without empty ones. */
  readonly values: (name: string) => readonly string[];
}

/** A running app. */
export interface WebApp {
  readonly port: number;
  readonly seen: AppRequest[];
  readonly close: () => Promise<void>;
}

/** Starts an app that responds to every request with its name and the request. */
export async function startWebApp(name: string): Promise<WebApp> {
  const seen: AppRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      seen.push(appRequest(request, body));
      const { method, url } = request;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ app: name, method, url, size: body.length }));
    });
  });
  const sockets = new Set<Duplex>();
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (socket, request) => {
    seen.push(appRequest(request, ''));
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function appRequest(request: IncomingMessage, body: string): AppRequest {
  const { method = '', url = '', rawHeaders } = request;
  return {
    method,
    url,
    rawHeaders,
    body,
    values: (name) =>
      rawHeaders
        .filter((_, i) => i % 2 === 1 && folded(rawHeaders[i - 1] ?? '') === folded(name))
        .filter((value) => value !== '')
        .map((value) => Buffer.from(value, 'latin1').toString('utf8')),
  };
}

/**
 * As CGI and similar interfaces read names: `Remote_User`, `remote.user` and `Remote-User` are the
 * same.
 */
function folded(name: string): string {
  return name.toLowerCase().replace(/[_.-]/g, '');
}
