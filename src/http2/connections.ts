/**
 * Connections in HTTP/2 of the public listeners that offer it. Every peer is bounded, whether it is
 * trusted or not: header fields, streams, resets (CVE-2023-44487), and time without a request.
 * CONTINUATION frames are bounded by nghttp2 (CVE-2024-28182).
 */
import type { Server } from 'node:http';
import type { ServerHttp2Session, ServerOptions } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { sharePeer } from '../gate/request/peer.ts';
import { readPreface } from './preface.ts';
import { serveStream } from './stream.ts';

/** The connections of all listeners. */
export interface Http2Connections {
  /** Lets a server speak HTTP/2 as well. Call it before its peers are recorded. */
  readonly offer: (server: Server) => void;
  /** Takes no more requests; each connection ends with the last one under way. */
  readonly goAway: () => void;
  /** Cuts what is open. */
  readonly destroy: () => void;
}

const LIMITS: ServerOptions = {
  settings: {
    enablePush: false,
    maxConcurrentStreams: 128,
    initialWindowSize: 64 * 1024,
    // As over HTTP/1.1 (http/server.ts).
    maxHeaderListSize: 32 * 1024,
  },
  // The lines that http/framing.ts allows, the pseudo-fields, and cookies in pieces.
  maxHeaderListPairs: 192,
  // Of one connection, in MB: 128 streams with a full window, and room for responses.
  maxSessionMemory: 24,
  maxOutstandingPings: 4,
  maxSettings: 32,
  maxSessionInvalidFrames: 32,
  maxSessionRejectedStreams: 100,
  // A proxy resets a stream when its client leaves.
  streamResetBurst: 1000,
  streamResetRate: 100,
  // Two fields of a name that should occur once cross as they do over HTTP/1.1.
  strictSingleValueFields: false,
};

/** Time for the first request, and between two of them, in milliseconds; as over HTTP/1.1. */
const FIRST_TIME = 10_000;
const IDLE_TIME = 65_000;
/** Time for a peer to close a connection that has ended, in milliseconds. */
const LINGER_TIME = 1_000;

/** None yet. */
export function createHttp2Connections(): Http2Connections {
  const open = new Map<ServerHttp2Session, () => void>();
  const accept = (socket: Socket, serve: (connection: Duplex) => void): void => {
    const { session, end } = openSession(socket, serve);
    open.set(session, end);
    session.once('close', () => open.delete(session));
  };
  return {
    offer(server) {
      const listeners = server.listeners('connection');
      server.removeAllListeners('connection');
      const serve = (connection: Duplex): void => {
        for (const listener of listeners) Reflect.apply(listener, server, [connection]);
      };
      server.on('connection', (socket: Socket) => {
        readPreface(socket, { http1: () => serve(socket), http2: () => accept(socket, serve) });
      });
    },
    goAway() {
      for (const end of open.values()) end();
    },
    destroy() {
      for (const session of open.keys()) session.destroy();
    },
  };
}

/** `end`: no more requests; the connection closes behind the last one. */
function openSession(
  socket: Socket,
  serve: (connection: Duplex) => void,
): { readonly session: ServerHttp2Session; readonly end: () => void } {
  // Loaded here, since few gateways need it.
  const { performServerHandshake } = process.getBuiltinModule('node:http2');
  const session = performServerHandshake(socket, LIMITS);
  let streams = 0;
  const end = (): void => {
    if (!session.closed) session.close();
    if (streams === 0) idle = setTimeout(() => socket.destroy(), LINGER_TIME);
  };
  let idle = setTimeout(end, FIRST_TIME);
  session.on('error', () => session.destroy());
  // A server of HTTP/1.1 ends with its client, too (`httpAllowHalfOpen`). Without it, responses that
  // wait for a window or for the app would stay open.
  socket.once('end', () => session.destroy());
  session.once('close', () => clearTimeout(idle));
  session.on('stream', (stream, _headers, flags, raw) => {
    // Reset by what arrived together with it: its `close` may be over.
    if (stream.destroyed || stream.closed) return void stream.on('error', () => undefined);
    clearTimeout(idle);
    streams += 1;
    stream.once('close', () => {
      streams -= 1;
      if (streams > 0) return;
      if (session.closed) end();
      else idle = setTimeout(end, IDLE_TIME);
    });
    serveStream(stream, { flags, raw }, (connection) => {
      sharePeer(socket, connection);
      serve(connection);
    });
  });
  return { session, end };
}
