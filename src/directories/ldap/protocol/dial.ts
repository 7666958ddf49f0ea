/**
 * Connects to a server: TCP, and TLS from the start or after StartTLS. Certificates are always
 * verified. Nothing that arrives before TLS is used afterwards (CVE-2021-3618 and its kin).
 */
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { BadAnswer, createFramer } from './ber.ts';
import { EXTENDED_DONE, parseAnswer } from './messages.ts';
import { messageOf, START_TLS } from './requests.ts';

/** Where a server is, and how to connect. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'start_tls' | 'none';
  /** Authorities in PEM; null: those of Node. */
  readonly ca: string | null;
}

/** Parses `ldaps://host:port`, which the schema has checked. */
export function addressOf(
  url: string,
  { startTls, ca }: { readonly startTls: boolean; readonly ca: string | null },
): Address {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === 'ldaps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isTls ? 636 : 389) : Number(port),
    security: isTls ? 'tls' : startTls ? 'start_tls' : 'none',
    ca,
  };
}

/** Connects within `timeout` milliseconds, or rejects with the error of the system or of TLS. */
export async function dial(address: Address, timeout: number): Promise<Socket> {
  const { host, port, security } = address;
  const sockets: Socket[] = [];
  const deadline = Promise.withResolvers<never>();
  // Also while a name is being resolved, which a socket's own timeout does not cover.
  const timer = setTimeout(() => deadline.reject(new TimedOut()), timeout);
  const open = async (): Promise<Socket> => {
    if (security === 'tls') return secured(connectTls({ host, port, ...tlsOptions(address) }));
    const socket = connectTcp({ host, port });
    sockets.push(socket);
    await once(socket, 'connect');
    if (security === 'none') return socket;
    await negotiateTls(socket);
    return secured(connectTls({ socket, host, ...tlsOptions(address) }));
  };
  const secured = async (socket: TLSSocket): Promise<Socket> => {
    sockets.push(socket);
    await once(socket, 'secureConnect');
    return socket;
  };
  try {
    const socket = await Promise.race([open(), deadline.promise]);
    socket.setNoDelay(true);
    return socket;
  } catch (caught) {
    for (const socket of sockets) {
      // Errors that follow have the same cause.
      socket.on('error', () => {});
      socket.destroy();
    }
    throw caught;
  } finally {
    clearTimeout(timer);
  }
}

/** A time limit passed. */
export class TimedOut extends Error {
  readonly code = 'ETIMEDOUT';
  constructor() {
    super('no answer in time');
  }
}

function tlsOptions({ host, ca }: Address) {
  return {
    minVersion: 'TLSv1.2',
    // A name for SNI must not be an address (RFC 6066, section 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca }),
  } as const;
}

/** Asks for TLS. The server's agreement must be all that arrives, or it could be an attacker's. */
async function negotiateTls(socket: Socket): Promise<void> {
  const framer = createFramer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = (chunk: Buffer): void => {
    try {
      const [message, ...more] = framer.push(chunk);
      if (message === undefined) return;
      if (more.length > 0 || framer.isWithin()) throw new BadAnswer('data before TLS');
      const { content } = parseAnswer(message);
      const isDone = content !== null && 'tag' in content && content.tag === EXTENDED_DONE;
      if (!isDone) throw new BadAnswer('no answer to StartTLS');
      if (content.result.code !== 0)
        throw new BadAnswer(`StartTLS is refused: ${content.result.text}`);
      resolve();
    } catch (caught) {
      reject(caught);
    }
  };
  const end = (): void => reject(new BadAnswer('closed instead of an answer to StartTLS'));
  socket.on('data', read).once('error', reject).once('close', end);
  socket.write(messageOf(1, START_TLS));
  try {
    await promise;
    socket.pause();
  } finally {
    socket.off('data', read).off('error', reject).off('close', end);
  }
}
