/**
 * Connects to apps: for requests, requests with trailers and websockets alike. A certificate is
 * checked against the upstream's own name, never against the Host that a client sent, which node:https
 * and undici would take.
 */
import { connect as connectPlain, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type SecureContext,
} from 'node:tls';
import type { Target, TargetTls } from './target.ts';

/** Time to connect, TLS included, in milliseconds. */
const CONNECT_TIME = 10_000;

/** Silence after which the system asks whether the peer is still there, in milliseconds. */
const KEEP_ALIVE = 60_000;

/** TLS sessions to resume, by target; each was verified when it began. */
const sessions = new Map<string, Buffer>();
const MOST_SESSIONS = 1000;

/** The socket fails with `ETIMEDOUT` when connecting takes too long. */
function dial(target: Target): Socket {
  const socket = open(target);
  socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE);
  const timer = setTimeout(() => {
    const message = `no connection to ${target.authority} within ${CONNECT_TIME / 1000} s`;
    socket.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
  }, CONNECT_TIME);
  const stop = (): void => clearTimeout(timer);
  socket.once(readyEvent(target), stop).once('close', stop);
  return socket;
}

/** A connection that is ready, or why there is none. */
export type Dialed = (error: Error | null, socket: Socket | null) => void;

/** Starts to connect, and calls back once. The receiver of the socket handles its errors. */
export function connectTo(target: Target, dialed: Dialed): Socket {
  const socket = dial(target);
  const fail = (error: Error): void => dialed(error, null);
  socket.once('error', fail);
  socket.once(readyEvent(target), () => {
    socket.off('error', fail);
    dialed(null, socket);
  });
  return socket;
}

/** The event after which a dialed socket carries bytes. */
function readyEvent({ tls }: Target): 'secureConnect' | 'connect' {
  return tls === null ? 'connect' : 'secureConnect';
}

function open(target: Target): Socket {
  const { hostname: host, port, socketPath, tls, key } = target;
  if (socketPath !== null) return connectPlain({ path: socketPath });
  if (tls === null) return connectPlain({ host, port });
  const session = sessions.get(key);
  const socket = connectTls({
    host,
    port,
    servername: tls.sni,
    checkServerIdentity: (_name, certificate) => checkServerIdentity(tls.name, certificate),
    rejectUnauthorized: !tls.insecure,
    ALPNProtocols: ['http/1.1'],
    secureContext: contextOf(tls),
    ...(session === undefined ? {} : { session }),
  });
  return socket.on('session', (fresh) => {
    if (sessions.size >= MOST_SESSIONS) sessions.clear();
    sessions.set(key, fresh);
  });
}

/** Parsed once for each target: its authorities, and our own certificate. */
const contexts = new WeakMap<TargetTls, SecureContext>();

function contextOf(tls: TargetTls): SecureContext {
  let context = contexts.get(tls);
  if (context === undefined) {
    context = createSecureContext({ ...(tls.ca === null ? {} : { ca: tls.ca }), ...tls.identity });
    contexts.set(tls, context);
  }
  return context;
}
