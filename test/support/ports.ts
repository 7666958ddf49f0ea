/** Free ports of this machine, never the same one twice in a process. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const given = new Set<number>();

/**
 * Below the ports that systems assign to clients, or a connection of another test could take it
 * first.
 */
const [FIRST, END] = [10_000, 32_000];

/** A port on 127.0.0.1 that is free right now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    // The port is in use.
    return false;
  }
}
