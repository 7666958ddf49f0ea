/**
 * Minutes of mixed traffic: every response is correct, and memory does not grow with their number.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { Client } from '../support/client.ts';
import type { SpawnedGateway } from '../support/gateway.ts';
import { dialSocket, metric, signInAt, spawnBefore, startLoad } from '../support/operations.ts';
import { sendRaw } from '../support/raw.ts';
import { until } from '../support/until.ts';

const MINUTES = 5;
/** Bytes by which the heap may differ between its second quarter and its last. */
const HEAP_SLACK = 32 << 20;

let app: Server;
let gateway: SpawnedGateway;

beforeAll(async () => {
  app = createServer((_request, response) => response.end('an answer'));
  new WebSocketServer({ server: app }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(data));
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  gateway = await spawnBefore((app.address() as AddressInfo).port);
});
afterAll(async () => {
  await gateway?.remove();
  app?.closeAllConnections();
  app?.close();
});

/** Files and sockets that the gateway has open. */
const open = (): number => readdirSync(`/proc/${gateway.process().pid}/fd`).length;

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** Repeats a visit until the end, one after the other. */
function repeat(visit: () => Promise<void>): { readonly stop: () => Promise<number> } {
  const round = { isOver: false };
  let count = 0;
  const running = (async () => {
    for (; !round.isOver; count += 1) await visit();
  })();
  // Its failure is reported by `stop`.
  running.catch(() => undefined);
  return {
    async stop() {
      round.isOver = true;
      await running;
      return count;
    },
  };
}

it('replies to the last request like the first', async () => {
  const carol = new Client();
  await signInAt(gateway, carol, 'carol');
  const before = open();
  const loads = {
    allowed: startLoad(gateway, carol, 'wiki'),
    refused: startLoad(gateway, carol, 'board'),
    public: startLoad(gateway, new Client(), 'open'),
    anonymous: startLoad(gateway, new Client(), 'wiki'),
  };
  const visits = [
    repeat(() => signInAt(gateway, new Client(), 'bob')),
    repeat(async () => {
      const wrong = await new Client().signIn(`${gateway.app('wiki')}/`, 'dan', 'wrong');
      expect([200, 429]).toContain(wrong.status);
    }),
    repeat(async () => {
      const raw = await sendRaw(gateway.port, randomBytes(200));
      expect(raw).toMatch(/^(?:HTTP\/1\.1 400 |$)/);
    }),
    repeat(async () => {
      const { socket, closed } = await dialSocket(gateway, carol);
      socket.close(1000);
      expect(await closed).toBe(1000);
    }),
  ];
  const heap: number[] = [];
  const end = performance.now() + MINUTES * 60_000;
  await until(
    'the time is over',
    async () => {
      heap.push(await metric(gateway, 'nodejs_heap_size_used_bytes'));
      await new Promise((resolve) => setTimeout(resolve, 250));
      return performance.now() > end;
    },
    Number.POSITIVE_INFINITY,
  );
  for (const visit of visits) expect(await visit.stop()).toBeGreaterThan(MINUTES);
  for (const load of Object.values(loads)) await load.stop();
  const answers = Object.entries(loads).map(([kind, { counts }]) => [kind, Object.keys(counts())]);
  expect(Object.fromEntries(answers)).toEqual({
    allowed: ['200'],
    refused: ['403'],
    public: ['200'],
    anonymous: ['401'],
  });
  const quarter = heap.length >> 2;
  const growth = median(heap.slice(-quarter)) - median(heap.slice(quarter, 2 * quarter));
  expect(growth).toBeLessThan(HEAP_SLACK);
  // Connections to the app may stay open for the next request.
  await until('no socket is left', () => open() <= before + 8);
});
