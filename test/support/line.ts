/**
 * A TCP connection to a port of this machine that can be interrupted: bytes stop, connections stay
 * open.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The connection. */
export interface Line {
  readonly port: number;
  /** All bytes for `port` so far, as latin-1. */
  readonly sent: () => string;
  /** Blocks all bytes in both directions, as a broken network does. */
  readonly cut: () => void;
  readonly close: () => Promise<void>;
}

/** Starts a forwarder to `port`. */
export async function startLine(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const sent: Buffer[] = [];
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.on('data', (bytes: Buffer) => sent.push(bytes));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (!isCut) to.write(bytes);
      });
      from.on('error', () => from.destroy());
      from.on('close', () => {
        sockets.delete(from);
        if (!isCut) to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => Buffer.concat(sent).toString('latin1'),
    cut: () => (isCut = true),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
