/**
 * One HTTP/2 connection to an app (RFC 9113), ready once the app has sent its settings. Nothing of a
 * request is sent before: an app that speaks HTTP/1.1 receives none of it.
 */
import type { ClientHttp2Session, ClientSessionOptions } from 'node:http2';
import type { Socket } from 'node:net';

/** Connects, and calls back once. */
export type Dial = (dialed: (error: Error | null, socket: Socket | null) => void) => void;

/** Time for the app's settings to arrive, in milliseconds. */
const SETTINGS_TIME = 10_000;

const LIMITS: ClientSessionOptions & { readonly strictSingleValueFields: boolean } = {
  settings: {
    enablePush: false,
    // Bytes of one response that may wait here for a slow client.
    initialWindowSize: 128 * 1024,
    maxHeaderListSize: 64 * 1024,
  },
  maxHeaderListPairs: 256,
  // Of one connection, in MB: every stream with a full window.
  maxSessionMemory: 64,
  maxOutstandingPings: 4,
  maxSettings: 32,
  // Two fields of a name that should occur once reach the app as they do over HTTP/1.1.
  strictSingleValueFields: false,
};

/** Opens one. Called back once, with the session or why there is none. */
export function openSession(
  dial: Dial,
  opened: (error: Error | null, session: ClientHttp2Session | null) => void,
): void {
  dial((error, socket) => {
    if (socket === null) opened(error ?? new Error('no connection'), null);
    else greet(socket, opened);
  });
}

function greet(socket: Socket, opened: Parameters<typeof openSession>[1]): void {
  // Loaded here, since few gateways need it.
  const { connect } = process.getBuiltinModule('node:http2');
  const session = connect('http://localhost', { ...LIMITS, createConnection: () => socket });
  let isOver = false;
  const over = (): boolean => {
    const wasOver = isOver;
    isOver = true;
    clearTimeout(timer);
    return wasOver;
  };
  const fail = (error: Error): void => {
    if (over()) return;
    session.destroy();
    opened(error, null);
  };
  const timer = setTimeout(() => fail(late()), SETTINGS_TIME);
  // Later errors are those of its streams, too.
  session.on('error', (error: NodeJS.ErrnoException) =>
    fail(isSystem(error) ? error : otherProtocol(error)),
  );
  session.once('close', () => fail(otherProtocol()));
  session.once('remoteSettings', () => {
    if (!over()) opened(null, session);
  });
}

/** Whether the system reports it, rather than node:http2 what it read. */
function isSystem({ syscall }: NodeJS.ErrnoException): boolean {
  return syscall !== undefined;
}

function late(): Error {
  const message = `no HTTP/2 settings from the app within ${SETTINGS_TIME / 1000} s`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

function otherProtocol(cause?: Error): Error {
  const message = 'the app does not speak HTTP/2 in cleartext';
  return Object.assign(new Error(message, { cause }), { code: 'ERR_HTTP2_NOT_SPOKEN' });
}
