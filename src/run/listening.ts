/** Listening on TCP and unix sockets. Never takes a socket from a process that uses it. */
import { once } from 'node:events';
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server as NetServer } from 'node:net';
import { isLoopback, type ListenAddress } from '../config/settings/listen-address.ts';
import { Problem } from '../core/values/problem.ts';
import { addressText } from './command-context.ts';

/** Whether only this machine reaches all of them. */
export function areLoopback(addresses: readonly ListenAddress[]): boolean {
  return addresses.every(isLoopback);
}

/**
 * Listens. Rejects with Problem `listen/failed`, which names the address. `shared`: beside other
 * workers, among whom the kernel divides connections. (Where it cannot, node:cluster does; but what
 * that hands to a worker that has just died hangs for ever.)
 */
export async function listen(
  server: NetServer,
  address: ListenAddress,
  shared = false,
): Promise<void> {
  const listening = once(server, 'listening');
  if (address.kind === 'unix') server.listen(address.path);
  else {
    const { port, host } = address;
    server.listen({ port, host, reusePort: shared && port !== 0 && process.platform === 'linux' });
  }
  try {
    await listening;
  } catch (cause) {
    throw failed(address, (cause as NodeJS.ErrnoException).code ?? 'unknown', cause);
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
    return (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
