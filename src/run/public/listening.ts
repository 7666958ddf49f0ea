/** Listening on TCP and unix sockets. Never takes a socket from a process that uses it. */
import { once } from 'node:events';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server as NetServer } from 'node:net';
import {
  addressText,
  isLoopback,
  type ListenAddress,
} from '../../config/settings/listen-address.ts';
import { errorCode } from '../../core/values/error-code.ts';
import { Problem } from '../../core/values/problem.ts';

/** Whether only this machine reaches all of them. */
export function areLoopback(addresses: readonly ListenAddress[]): boolean {
  return addresses.every(isLoopback);
}

/** Starts to listen on an address. */
export type Listen = (server: NetServer, address: ListenAddress) => Promise<void>;

/** Listens alone. Rejects with Problem `listen/failed`, which names the address. */
export const listen: Listen = (server, address) => listenWith(server, address, {});

/**
 * Listens beside other workers, among which the kernel divides connections. (Where it cannot,
 * node:cluster does; but connections that it hands to a worker that has just died hang forever.)
 */
export const listenShared: Listen = (server, address) => {
  const isAny = address.kind === 'tcp' && address.port === 0;
  return listenWith(server, address, { reusePort: !isAny && process.platform === 'linux' });
};

async function listenWith(
  server: NetServer,
  address: ListenAddress,
  options: { readonly reusePort?: boolean },
): Promise<void> {
  const listening = once(server, 'listening');
  if (address.kind === 'unix') server.listen(address.path);
  else server.listen({ port: address.port, host: address.host, ...options });
  try {
    await listening;
  } catch (cause) {
    throw failed(address, errorCode(cause) ?? 'unknown', cause);
  }
  // The group may speak to it: a proxy in front that is of the same group.
  if (address.kind === 'unix') await chmod(address.path, 0o660);
}

/** Rejects as `listen` would: workers that share a port would share that of another gateway, too. */
export async function probe(address: ListenAddress): Promise<void> {
  if (address.kind === 'unix' || address.port === 0) return;
  const server = createServer();
  await listen(server, address);
  server.close();
  await once(server, 'close');
}

/** Removes the unix sockets that a killed process left behind, which would be in the way. */
export async function removeLeftovers(addresses: readonly ListenAddress[]): Promise<void> {
  for (const address of addresses) {
    if (address.kind !== 'unix') continue;
    const found = await lstat(address.path).catch(() => null);
    if (found === null) continue;
    if (!found.isSocket()) throw failed(address, 'EEXIST: not a socket');
    if (await isAnswered(address.path)) throw failed(address, 'EADDRINUSE');
    await unlink(address.path);
  }
}

function failed(address: ListenAddress, reason: string, cause?: unknown): Problem {
  const text = `${addressText(address)} cannot be used for listening (${reason}); is another process using it?`;
  return new Problem('listen/failed', text, { cause });
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    // Only a socket without a listener may be removed; any other error counts as in use.
    return errorCode(error) !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
