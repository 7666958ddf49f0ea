/**
 * The two bundled demo apps, each on its own loopback port. They have no login at all, which
 * is the point, so they must never listen anywhere else.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { noteBoard } from './note-board.ts';
import { notes } from './notes.ts';
import { whoami } from './whoami.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { createServer } = process.getBuiltinModule('node:http');

/** Where the running demo apps are. */
export interface DemoApps {
  /** `http://127.0.0.1:PORT`. */
  readonly whoami: string;
  readonly notes: string;
  /** Stops both and drops what is still open. */
  close(): Promise<void>;
}

/** Milliseconds for the whole of a request to arrive. */
const REQUEST_TIMEOUT = 10_000;

/** Starts both. `now` gives epoch milliseconds. */
export async function startDemoApps(now: () => number = Date.now): Promise<DemoApps> {
  const first = await listen((request, response) => whoami(request, response));
  const answerNotes = notes(noteBoard(), now);
  const second = await listen((request, response) => {
    // The only rejection is a client that left in the middle of its form.
    answerNotes(request, response).catch(() => response.destroy());
  });
  return {
    whoami: originOf(first),
    notes: originOf(second),
    async close() {
      await Promise.all([stop(first), stop(second)]);
    },
  };
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT, maxHeaderSize: 64 * 1024 },
    answer,
  );
  server.maxConnections = 512;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
