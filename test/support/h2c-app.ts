/**
 * An app that supports h2c (RFC 7540 §3.2), as hypercorn does by default: an upgrade from HTTP/1.1
 * to HTTP/2.
 */
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

/** The requests to the app, over either protocol. */
export interface H2cApp {
  readonly port: number;
  /** Heads of HTTP/1.1 requests. */
  readonly heads: string[];
  /** Paths of HTTP/2 requests. */
  readonly streams: string[];
  readonly close: () => Promise<void>;
}

/** Starts it. */
export async function startH2cApp(): Promise<H2cApp> {
  const heads: string[] = [];
  const streams: string[] = [];
  const http2 = createServer();
  http2.on('stream', (stream: ServerHttp2Stream, headers) => {
    streams.push(String(headers[':path']));
    stream.respond({ ':status': 200 });
    stream.end('a page over HTTP/2');
  });
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    speak(socket, http2, heads);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heads,
    streams,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function speak(socket: Socket, http2: Http2Server, heads: string[]): void {
  let buffered = '';
  const read = (chunk: Buffer): void => {
    buffered += chunk.toString('latin1');
    for (let end = buffered.indexOf('\r\n\r\n'); end >= 0; end = buffered.indexOf('\r\n\r\n')) {
      const head = buffered.slice(0, end);
      buffered = buffered.slice(end + 4);
      heads.push(head);
      if (!/^upgrade: h2c\r?$/im.test(head) || !/^http2-settings:/im.test(head)) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na page');
        continue;
      }
      socket.off('data', read);
      socket.pause();
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
      );
      if (buffered !== '') socket.unshift(Buffer.from(buffered, 'latin1'));
      http2.emit('connection', socket);
      return;
    }
  };
  socket.on('data', read);
}
