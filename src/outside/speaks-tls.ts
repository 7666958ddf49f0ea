/** Whether a TLS server is there, by a handshake and nothing else: no request is sent. */
import { connect } from 'node:tls';

/** Time for resolving, connecting and shaking hands, in milliseconds. */
const PATIENCE = 1_000;

/**
 * Whether a handshake for `name` succeeds. Any certificate will do, since the question is who
 * terminates TLS and not whether to trust it. Never rejects.
 */
export function speaksTls(host: string, port: number, name: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, servername: name, rejectUnauthorized: false });
  // Also while a name is being resolved, which a socket's own timeout does not cover.
  const clock = setTimeout(() => socket.destroy(new Error('too late')), PATIENCE);
  socket.once('secureConnect', () => resolve(true));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  return promise.finally(() => {
    clearTimeout(clock);
    socket.destroy();
  });
}
