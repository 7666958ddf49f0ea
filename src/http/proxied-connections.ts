/**
 * Connections of a listener with `proxy_protocol`: a trusted proxy's header names the client, then
 * HTTP begins. Whatever is not that is closed without a reply, and none of it is read as HTTP.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  type Peer,
  type PeerRule,
  peerOf,
  recordClient,
  recordPeer,
} from '../gate/request/peer.ts';
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts';

/** Why a connection is closed before HTTP begins. */
type Closing = 'untrusted' | 'malformed' | 'incomplete' | 'late';

/** What reading the headers needs. */
export interface HeaderParts {
  /** Whether this peer may send the header. */
  readonly trustsPeer: (peer: Peer) => boolean;
  /** Called once for each connection that is closed. `peer`: its address. */
  readonly closed: (reason: Closing, peer: string) => void;
}

/** The header must be complete within this time, in milliseconds. The protocol asks for at least 3 seconds. */
const PATIENCE = 5_000;

/**
 * Holds back each connection of this server until its header has been read. node:http takes any
 * socket that is given to its `connection` listener, so that one runs later, with what follows the header.
 */
export function readProxyHeaders(server: Server, rule: PeerRule, parts: HeaderParts): void {
  const serve = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (!recordPeer(socket, rule)) return void socket.destroy();
    const peer = peerOf(socket);
    if (!parts.trustsPeer(peer)) {
      parts.closed('untrusted', peer.address);
      return void socket.destroy();
    }
    readHeader(socket, {
      done({ command, address }) {
        if (command === 'proxy') recordClient(socket, rule, address);
        for (const listener of serve) listener.call(server, socket);
      },
      failed: (reason) => parts.closed(reason, peer.address),
    });
  });
}

interface Outcome {
  readonly done: (header: ProxyHeader) => void;
  readonly failed: (reason: Closing) => void;
}

/** Reads one header and leaves every byte after it in the socket. Has one outcome. */
function readHeader(socket: Socket, { done, failed }: Outcome): void {
  let bytes = Buffer.alloc(0);
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable);
    for (const event of ENDS) socket.off(event, onEnd);
  };
  const fail = (reason: Closing): void => {
    stop();
    // Destroyed sockets can still report an error.
    socket.on('error', () => undefined);
    socket.destroy();
    failed(reason);
  };
  const onReadable = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    bytes = Buffer.concat([bytes, chunk]);
    const header = readProxyHeader(bytes);
    if (header === 'incomplete') return;
    if (header === 'malformed') return fail('malformed');
    stop();
    if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
    done(header);
  };
  const onEnd = (): void => fail('incomplete');
  const timer = setTimeout(() => fail('late'), PATIENCE);
  socket.on('readable', onReadable);
  for (const event of ENDS) socket.on(event, onEnd);
}

/** Events after which no more bytes come. */
const ENDS = ['end', 'close', 'error'];
