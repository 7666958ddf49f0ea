/**
 * An app whose responses and reads the test controls: events are sent one by one, and the test
 * knows what has arrived of an upload before it sends the rest. No clock is involved.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A running app. */
export interface LiveApp {
  readonly port: number;
  /** Websockets that opened: path and the user that the app received. */
  readonly opened: { readonly path: string; readonly user: string; readonly cookie: string }[];
  /** Sends an event to every open stream. */
  readonly emit: (text: string) => void;
  /** The number of open event streams. */
  readonly streams: () => number;
  /** Bytes of uploads so far. */
  readonly received: () => string;
  readonly close: () => Promise<void>;
}

/** Starts it: `…/events` is an event stream, `…/ws` a websocket, every POST an upload. */
export async function startLiveApp(): Promise<LiveApp> {
  const opened: LiveApp['opened'] = [];
  const streams = new Set<ServerResponse>();
  let received = '';
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (received += chunk.toString()));
    if (request.url?.endsWith('/events') === true) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return;
    }
    request.on('end', () => response.end('whole'));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket: WebSocket, request) => {
    const { url = '', headers } = request;
    opened.push({
      path: url,
      user: String(headers['remote-user'] ?? ''),
      cookie: headers.cookie ?? '',
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    opened,
    emit(text) {
      for (const stream of streams) stream.write(`data: ${text}\n\n`);
    },
    streams: () => streams.size,
    received: () => received,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
