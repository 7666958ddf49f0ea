/**
 * The listener for Envoy's checks over gRPC: HTTP/2 in cleartext, on addresses that only Envoy
 * reaches. Every peer is bounded, whether it is trusted or not.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { performServerHandshake, type ServerHttp2Session, type ServerOptions } from 'node:http2';
import { type Peer, peerOf, type PeerRule, recordPeer } from '../gate/request/peer.ts';
import type { Trust } from '../gate/request/trust.ts';
import type { Authorization } from './authorization.ts';
import { serveCall } from './call.ts';

/** A listener that does not listen yet. */
export interface AuthorizationServer {
  readonly server: Server;
  /** Accepts no new connection; resolves when the calls under way are answered. */
  readonly drain: () => Promise<void>;
}

/** Connections at a time: Envoy has one or two for each of its threads. */
const MAX_CONNECTIONS = 1024;
/** An idle connection of a peer that may ask, in milliseconds; longer than Envoy's own hour. */
const IDLE_TIME = 2 * 60 * 60 * 1000;
/** An idle connection of any other peer. */
const STRANGER_TIME = 10_000;
/** After this time, in milliseconds, calls under way are cut off. */
const GRACE = 25_000;

const LIMITS: ServerOptions = {
  settings: {
    enablePush: false,
    // Envoy opens another connection beyond it.
    maxConcurrentStreams: 256,
    initialWindowSize: 64 * 1024,
    maxHeaderListSize: 8 * 1024,
  },
  // Of one connection, in MB: 256 calls of 64 KiB, and room for their replies.
  maxSessionMemory: 32,
  maxHeaderListPairs: 32,
  maxOutstandingPings: 4,
  maxSettings: 16,
  maxSessionInvalidFrames: 8,
  maxSessionRejectedStreams: 32,
  // Rapid reset (CVE-2023-44487): Envoy resets a call when its client leaves.
  streamResetBurst: 1000,
  streamResetRate: 100,
};

/** The server. `rule`: the listener's, for all of its peers. */
export function createAuthorizationServer(
  authorization: Authorization,
  trust: Pick<Trust, 'trustsPeer'>,
  rule: PeerRule,
): AuthorizationServer {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    if (!recordPeer(socket, rule)) return void socket.destroy();
    const peer = peerOf(socket);
    const session = openSession(socket, peer, authorization);
    session.setTimeout(trust.trustsPeer(peer) ? IDLE_TIME : STRANGER_TIME, () => session.close());
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.maxConnections = MAX_CONNECTIONS;
  return {
    server,
    drain: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          for (const session of sessions) session.destroy();
        }, GRACE);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        for (const session of sessions) session.close();
      }),
  };
}

function openSession(socket: Socket, peer: Peer, authorization: Authorization): ServerHttp2Session {
  const session = performServerHandshake(socket, LIMITS);
  session.on('error', () => session.destroy());
  session.on('stream', (stream, headers) => {
    serveCall(stream, headers, (message, outlet) => authorization(message, peer, outlet));
  });
  return session;
}
